// Goal: a callback comes once, and whoever sends it waits five seconds. Method: the wire to
// Postgres carries nothing any more, and nobody is told.
import type { Payment } from '@quittance/payments';
import { eventually } from '../../../../test/support/eventually.js';
import { envelope, fields } from '../../test/callback-bodies.js';
import { WebhookRig } from '../../test/webhook-rig.js';

const CALLBACKS = 20;
const PATIENCE_OF_THE_GATEWAY_MS = 5_000;

let rig: WebhookRig;
beforeAll(async () => {
  rig = await WebhookRig.start();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const success = (payment: Payment) => envelope(JSON.stringify(fields(payment, '25')));

async function post(payment: Payment): Promise<{ status: number; afterMs: number }> {
  const from = performance.now();
  const { status } = await rig.post(rig.addressOf(payment), success(payment));
  return { status, afterMs: performance.now() - from };
}

it.each(['work', 'silent'] as const)(
  'answers every callback in time while Postgres is silent and new connections %s, and stores all',
  async (fresh) => {
    const payments: Payment[] = [];
    for (let at = 0; at < CALLBACKS; at += 1) payments.push(await rig.accept());
    await post(payments[0] as Payment);
    rig.toPostgres.silence({ new: fresh });
    const answers = await Promise.all(payments.map(post));
    for (const { status, afterMs } of answers) {
      expect(status).toBe(200);
      expect(afterMs).toBeLessThan(PATIENCE_OF_THE_GATEWAY_MS);
    }
    rig.toPostgres.speak();
    for (const payment of payments)
      await eventually(async () => expect(await rig.isAsked(payment)).toBe(true), {
        limitMs: 30_000,
      });
    expect(await rig.metrics()).toMatch(/^quittance_callbacks_kept\{state="set_aside"\} 0$/m);
  },
  60_000,
);

it('asks to send again while both are silent, within the same time', async () => {
  const payment = await rig.accept();
  await post(payment);
  rig.toPostgres.silence({ new: 'silent' });
  await rig.toRedis.cut();
  const { status, afterMs } = await post(payment);
  expect(status).toBe(503);
  expect(afterMs).toBeLessThan(PATIENCE_OF_THE_GATEWAY_MS);
  rig.toPostgres.speak();
  await rig.toRedis.mend();
  await eventually(async () => expect((await post(payment)).status).toBe(200));
}, 60_000);
