// Goal: every callback gets its response within the gateway's five seconds and is stored. Method:
// the connection to Postgres silently stops carrying data.
import type { Payment } from '@quittance/payments';
import { eventually } from '../../../../test/support/eventually.js';
import { envelope, fields } from '../../test/callback-bodies.js';
import { WebhookRig } from '../../test/webhook-rig.js';

const CALLBACKS = 20;
const GATEWAY_WAITS_MS = 5_000;

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
  'responds in time and stores every callback while Postgres is silent and new connections %s',
  async (fresh) => {
    const payments: Payment[] = [];
    for (let at = 0; at < CALLBACKS; at += 1) payments.push(await rig.accept());
    await post(payments[0] as Payment);
    rig.toPostgres.silence({ new: fresh });
    const responses = await Promise.all(payments.map(post));
    for (const { status, afterMs } of responses) {
      expect(status).toBe(200);
      expect(afterMs).toBeLessThan(GATEWAY_WAITS_MS);
    }
    rig.toPostgres.speak();
    for (const payment of payments)
      await eventually(async () => expect(await rig.isInquiryDue(payment)).toBe(true), {
        limitMs: 30_000,
      });
    expect(await rig.metrics()).toMatch(/^quittance_callbacks_kept\{state="set_aside"\} 0$/m);
  },
);

it('responds 503 in time while Postgres and Redis are unavailable', async () => {
  const payment = await rig.accept();
  await post(payment);
  rig.toPostgres.silence({ new: 'silent' });
  await rig.toRedis.cut();
  const { status, afterMs } = await post(payment);
  expect(status).toBe(503);
  expect(afterMs).toBeLessThan(GATEWAY_WAITS_MS);
  rig.toPostgres.speak();
  await rig.toRedis.mend();
  await eventually(async () => expect((await post(payment)).status).toBe(200));
});
