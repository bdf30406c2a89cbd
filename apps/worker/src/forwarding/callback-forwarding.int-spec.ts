// Goal: the end of a payment reaches the merchant's webhook at least once, in order and in the
// gateway's form, and a receiver that misbehaves harms no other. Method: payments that the gateway
// settles over a real Postgres, and receivers on this host.
import { decryptAes256 } from '@quittance/gateway-protocol';
import { TerminalKeys } from '@quittance/modules';
import { FORWARD_WITHIN_MS, type Payment } from '@quittance/payments';
import { Forwards, Terminals } from '@quittance/persistence';
import { Clock, Metrics } from '@quittance/platform';
import { eventually } from '../../../../test/support/eventually.js';
import { newTransId } from '../../../../test/support/payments.js';
import { json, ScriptedGateway } from '../../../../test/support/scripted-gateway.js';
import { TERMINAL_KEYS, transaction, WorkerRig } from '../../test/worker-rig.js';
import { CallbackForwarding, FORWARDS_MAX } from './callback-forwarding.js';
import { WebhookClient } from './webhook-client.js';

class SetClock extends Clock {
  at = new Date();
  override now(): Date {
    return this.at;
  }
}

let rig: WorkerRig;
let shop: ScriptedGateway;
let other: ScriptedGateway;
let client: WebhookClient;
let clock: SetClock;
let metrics: Metrics;
let forwarding: CallbackForwarding;

beforeAll(async () => {
  rig = await WorkerRig.start();
  shop = await ScriptedGateway.start(() => json(200, {}));
  other = await ScriptedGateway.start(() => json(200, {}));
});
beforeEach(async () => {
  await rig.reset();
  await rig.pool.query(
    `INSERT INTO drop_ins (terminal_id, public_key, caller_networks, callback_origins, accepts_plain, created_at)
     VALUES ('ter_test', $1, '{127.0.0.1}', $2, true, now())`,
    [TERMINAL_KEYS.publicKey, [shop.url, other.url]],
  );
  for (const receiver of [shop, other]) {
    receiver.requests.length = 0;
    receiver.script = () => json(200, {});
  }
  client = new WebhookClient();
  clock = new SetClock();
  metrics = new Metrics();
  forwarding = new CallbackForwarding(
    new Forwards(rig.workers),
    new Terminals(rig.workers),
    new TerminalKeys(rig.keys),
    client,
    clock,
    rig.log,
    metrics,
  );
});
afterEach(async () => {
  client.onApplicationShutdown();
  await forwarding.settled();
});
afterAll(async () => {
  await Promise.all([shop.close(), other.close()]);
  await rig.stop();
});

/** Accepts a payment that awaits its payer, with a webhook. */
const open = (receiver = shop, encryption: 'aes256' | 'none' = 'none') =>
  rig.accept({
    status: 'requiresAction',
    transId: newTransId(),
    authUrl: 'https://gateway.example/pay',
    attempt: 1,
    webhook: { url: `${receiver.url}/callback?shop=1`, encryption },
  });

/** The gateway reports a code, and an inquiry stores it. */
async function settle(payment: Payment, orderStatus: string): Promise<void> {
  rig.gateway.script = () => json(200, transaction(payment, orderStatus));
  await rig.inquiry().inquire(payment.id);
}

async function pass(): Promise<void> {
  clock.at = new Date(Math.max(Date.now(), clock.at.getTime()));
  await forwarding.start();
  await forwarding.settled();
}

const later = (ms: number) => (clock.at = new Date(clock.at.getTime() + ms));
const bodies = (receiver = shop) =>
  receiver.requests.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
const due = async () =>
  (await rig.rows('SELECT forward_at FROM payment_intents WHERE forward_at IS NOT NULL')).length;
async function counted(): Promise<Record<string, number>> {
  const metric = await metrics.registry.getSingleMetric('quittance_forwards_total')?.get();
  const counts = (metric?.values ?? []).filter(({ value }) => value > 0);
  return Object.fromEntries(counts.map(({ labels, value }) => [String(labels['result']), value]));
}

it('posts the end in the gateway’s form, once', async () => {
  const payment = await open();
  await settle(payment, '25');
  await pass();
  await pass();
  expect(bodies()).toEqual([
    {
      transID: payment.transId,
      order_status: '25',
      status: 'Test Approved',
      bill_amt: '11.11',
      tdate: expect.any(String) as string,
      bill_currency: 'EUR',
      response: 'Words of the gateway',
      reference: payment.reference,
      mop: 'Visa',
      descriptor: null,
      upa: null,
      rrn: null,
      ccno: '401200XXXXXX0026',
      webhook_notify_time: expect.any(String) as string,
    },
  ]);
  expect(shop.requests[0]).toMatchObject({
    method: 'POST',
    path: '/callback?shop=1',
    contentType: 'application/json',
  });
  expect(await due()).toBe(0);
});

it('encrypts where the request asked for it, without the private key', async () => {
  const payment = await open(shop, 'aes256');
  await settle(payment, '26');
  await pass();
  const [body] = bodies();
  expect(Object.keys(body ?? {}).toSorted()).toEqual(['data', 'public_key']);
  expect(JSON.stringify(body)).not.toContain(TERMINAL_KEYS.privateKey);
  expect(decryptAes256(String(body?.['data']), TERMINAL_KEYS)).toBe(
    `bill_currency=EUR&transID=${payment.transId}&mop=Visa&ccno=401200XXXXXX0026` +
      `&reference=${payment.reference}&order_status=26&bill_amt=11.11&status=Test Declined`,
  );
});

it('posts nothing before an end, and nothing for a payment without a webhook', async () => {
  await open();
  const plain = await rig.accept({ status: 'processing', transId: newTransId(), attempt: 1 });
  await settle(plain, '25');
  await pass();
  expect(bodies()).toEqual([]);
});

it('posts a revived end after the first one, in order, although the first had failed', async () => {
  const payment = await open();
  await settle(payment, '22');
  shop.script = () => json(500, {});
  await pass();
  await settle(payment, '25');
  shop.script = () => json(200, {});
  later(60_000);
  await pass();
  expect(bodies().map((body) => body['order_status'])).toEqual(['22', '22', '25']);
  expect(await due()).toBe(0);
});

it.each([
  ['an error', () => json(503, {})],
  ['a redirect', () => json(307, {})],
  ['a connection that is cut', () => 'reset' as const],
])('tries again after %s, later and later', async (_, script) => {
  const payment = await open();
  await settle(payment, '25');
  shop.script = script;
  for (let failure = 1; failure <= 3; failure += 1) {
    await pass();
    await pass();
    expect(bodies()).toHaveLength(failure);
    later(5_000 * 2 ** (failure - 1));
  }
  shop.script = () => json(204, {});
  await pass();
  expect(await counted()).toEqual({ failed: 3, delivered: 1 });
  expect(await due()).toBe(0);
});

it('gives up after a day', async () => {
  const payment = await open();
  await settle(payment, '25');
  later(FORWARD_WITHIN_MS + 1_000);
  await pass();
  expect([bodies(), await counted(), await due()]).toEqual([[], { given_up: 1 }, 0]);
});

it('calls no origin that the operator has taken back', async () => {
  const payment = await open();
  await settle(payment, '25');
  await rig.pool.query('UPDATE drop_ins SET callback_origins = $1', [[other.url]]);
  await pass();
  expect([bodies(), await counted(), await due()]).toEqual([[], { given_up: 1 }, 0]);
});

it('connects a live terminal to public addresses only, over https', async () => {
  const url = new URL(`${shop.url}/callback`);
  expect(await client.post(url, '{}', 'live')).toBe('not_https');
  url.protocol = 'https:';
  expect(await client.post(url, '{}', 'live')).toBe('gateway_address_refused');
  expect(shop.requests).toEqual([]);
});

it('serves other receivers while one hangs', async () => {
  shop.script = () => 'silence';
  for (let index = 0; index < FORWARDS_MAX; index += 1) await settle(await open(), '25');
  clock.at = new Date();
  await forwarding.start();
  await settle(await open(other), '25');
  clock.at = new Date();
  // A start without room waits for nothing: a loop of them would never let a reply arrive.
  await eventually(async () => {
    await forwarding.start();
    expect(bodies(other)).toHaveLength(1);
  });
  expect(shop.requests.length).toBeLessThanOrEqual(FORWARDS_MAX / 2);
  shop.cut();
});

it('forwards again what a dead process had claimed', async () => {
  const payment = await open();
  await settle(payment, '25');
  const leaseUntil = new Date(Date.now() + 60_000);
  await new Forwards(rig.workers).claim({ now: new Date(), leaseUntil, limit: 10 });
  await pass();
  expect(bodies()).toEqual([]);
  later(61_000);
  await pass();
  expect(bodies()).toHaveLength(1);
});
