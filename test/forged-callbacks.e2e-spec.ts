// Goal: over five real processes, whatever is posted to a payment's address, the payment has only
// statuses that the gateway's ledger confirms. Method: callbacks of several codes are forged
// through the gateway, which posts any data for any caller, and by hand to the address, plain and
// encrypted with the terminal's key; the sandbox's ledger judges. The payments wait side by side.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encryptAes256 } from '@quittance/gateway-protocol';
import { callbackToken, parseKeySet } from '@quittance/vault';
import { Pool } from 'pg';
import { PaymentsApi, type PaymentView, Sandbox } from './support/clients.js';
import { paymentRequest, type Scenario, SCENARIOS } from './demo/scenarios.js';
import { SandboxControl } from './chaos/sandbox-control.js';
import { eventually } from './support/eventually.js';
import { startTestStack, type TestStack } from './support/processes.js';

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;
const TEST_LIMIT_MS = 60_000;

let testStack: TestStack;
let pool: Pool;
let api: PaymentsApi;
let sandbox: Sandbox;
let control: SandboxControl;

beforeAll(async () => {
  // Only the newer server posts any data for any caller (protocol §6.2).
  const extra = { GATEWAY_TIMEOUT_MS: '5000', SANDBOX_GENERATION: 'b' };
  testStack = await startTestStack({ extra });
  pool = new Pool({ connectionString: testStack.setup.databaseUrl });
  api = new PaymentsApi(testStack.stack.urls.api, testStack.merchant.apiKey);
  sandbox = new Sandbox(testStack.stack.urls.sandbox);
  control = new SandboxControl(testStack.stack.urls.sandbox);
}, START_LIMIT_MS);

afterAll(async () => {
  await pool?.end();
  await testStack?.stop();
}, STOP_LIMIT_MS);

function scenarioOn(terminal: string): Scenario {
  const wallet = SCENARIOS.find(({ name }) => name === 'wallet');
  if (!wallet) throw new Error('no scenario pays by wallet');
  return { ...wallet, terminal };
}

let count = 0;
const nextReference = () => `FORGED-${(count += 1)}`;

async function accepted(terminal: string, reference = nextReference()): Promise<PaymentView> {
  const request = paymentRequest(scenarioOn(terminal), {
    reference,
    returnUrl: sandbox.returnUrl,
  });
  return (await api.create(request)).payment;
}
const reaches = ({ id }: PaymentView, status: string) =>
  api.until(id, (payment) => payment.status === status, status);
const transIdOf = async ({ reference }: PaymentView) => {
  const { data } = await sandbox.ledger(reference);
  const [row] = data;
  if (!row) throw new Error('the gateway has no such payment');
  return row.transID;
};
async function paid(terminal: string): Promise<PaymentView> {
  const payment = await reaches(await accepted(terminal), 'requires_action');
  await sandbox.settle(await transIdOf(payment), '1');
  return reaches(payment, 'succeeded');
}

interface Stored {
  readonly asks: number;
  readonly asks_answered: number;
  readonly flags: readonly string[];
  readonly hinted_at: Date | null;
  readonly trans_id: string | null;
}
async function stored({ id }: PaymentView): Promise<Stored> {
  const sql =
    'SELECT asks, asks_answered, flags, hinted_at, trans_id FROM payment_intents WHERE id = $1';
  const { rows } = await pool.query<Stored>(sql, [id]);
  if (!rows[0]) throw new Error('the payment is gone');
  return rows[0];
}
/** Resolves when every inquiry that callbacks triggered has been answered. */
const isAnswered = (payment: PaymentView, inquiries: number) =>
  eventually(
    async () => {
      const { asks, asks_answered: answered } = await stored(payment);
      expect(asks).toBeGreaterThanOrEqual(inquiries);
      expect(answered).toBe(asks);
    },
    { limitMs: 30_000 },
  );
async function statusesOf({ id }: PaymentView): Promise<string[]> {
  const sql = 'SELECT status::text FROM payment_events WHERE payment_id = $1 ORDER BY sequence';
  return (await pool.query<{ status: string }>(sql, [id])).rows.map(({ status }) => status);
}

/** A callback about the payment, in full. */
const callbackOf = ({ reference }: PaymentView, transID: string, orderStatus: string) => ({
  transID,
  order_status: orderStatus,
  bill_amt: '11.11',
  bill_currency: 'EUR',
  reference,
  response: 'forged',
});

const terminalNamed = (name: string) => {
  const terminal = testStack.terminals.find((each) => each.name === name);
  if (!terminal) throw new Error(`no terminal is called ${name}`);
  return terminal;
};

/** A callback of a caller that has the address. */
async function postToAddress({ id }: PaymentView, body: object): Promise<void> {
  const keys = parseKeySet(readFileSync(join(testStack.setup.keyFolder, 'worker.json'), 'utf8'));
  const { token } = callbackToken(id, keys);
  const response = await fetch(`${testStack.stack.urls.webhook}/callbacks/${id}.${token}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  await response.body?.cancel();
}

/**
 * Through the gateway, which needs only the transID: plain, or encrypted with the terminal's key.
 */
const FORGERS = [
  { how: 'main, plain', terminal: 'main', isEncrypted: false },
  { how: 'main, encrypted', terminal: 'main', isEncrypted: true },
  { how: 'plain', terminal: 'plain', isEncrypted: false },
] as const;
type Forger = (typeof FORGERS)[number];

async function forge({ terminal, isEncrypted }: Forger, payment: PaymentView, orderStatus: string) {
  const transId = await transIdOf(payment);
  const callback = callbackOf(payment, transId, orderStatus);
  const { publicKey, privateKey } = terminalNamed(terminal);
  const data = () => encryptAes256(JSON.stringify(callback), { publicKey, privateKey });
  await control.forge(transId, isEncrypted ? { data: data() } : callback);
}

/** Every status, in order, of a payment that its payer confirmed and that nothing else moved. */
const CONFIRMED = ['queued', 'submitting', 'requires_action', 'succeeded'];

describe.each(FORGERS)('forged on $how', (forger) => {
  it.concurrent.each(['5', '7', '8', '11', '2', '24', '22'])(
    'a %s about a success does not change it',
    async (code) => {
      const payment = await paid(forger.terminal);
      const before = await stored(payment);
      await forge(forger, payment, code);
      // An expiry is older than a success: no inquiry follows.
      if (code !== '22') await isAnswered(payment, before.asks + 1);
      expect(await api.get(payment.id)).toMatchObject({ status: 'succeeded' });
      expect(await statusesOf(payment)).toEqual(CONFIRMED);
    },
    TEST_LIMIT_MS,
  );

  it.concurrent.each(['2', '24', '22', '10', '5', '1'])(
    'a %s does not end a payment that the payer then confirms',
    async (code) => {
      const payment = await reaches(await accepted(forger.terminal), 'requires_action');
      await forge(forger, payment, code);
      await isAnswered(payment, 1);
      expect(await api.get(payment.id)).toMatchObject({ status: 'requires_action' });
      await sandbox.settle(await transIdOf(payment), '1');
      await reaches(payment, 'succeeded');
      expect(await stored(payment)).toMatchObject({ flags: [] });
      expect(await statusesOf(payment)).toEqual(CONFIRMED);
    },
    TEST_LIMIT_MS,
  );

  it.concurrent.each(['7', '3'])(
    'a %s while our refund is in flight completes nothing',
    async (code) => {
      const payment = await paid(forger.terminal);
      await api.refund(payment.id, { reference: `${payment.reference}-rf`, amount: null });
      await reaches(payment, 'refund_pending');
      const before = await stored(payment);
      await forge(forger, payment, code);
      await isAnswered(payment, before.asks + 1);
      expect(await api.get(payment.id)).toMatchObject({
        status: 'refund_pending',
        refunded_amount: '0.00',
      });
      await sandbox.completeRefund(await transIdOf(payment));
      expect(await reaches(payment, 'refunded')).toMatchObject({ refunded_amount: '11.11' });
    },
    TEST_LIMIT_MS,
  );
});

describe.each(['main', 'plain'])(
  'on %s, to the address, while the reply is pending',
  (terminal) => {
    it.concurrent.each(['2', '0', '1', '7'])(
      'a %s of another transaction neither ends the payment nor names its transaction',
      async (code) => {
        const reference = nextReference();
        await sandbox.fault({ match: { reference }, fault: 'delay_ms', ms: 2_000 });
        const payment = await accepted(terminal, reference);
        await eventually(async () => expect(await statusesOf(payment)).toContain('submitting'));
        await postToAddress(payment, callbackOf(payment, '999', code));
        expect(await stored(payment)).toMatchObject({ trans_id: null });
        expect((await stored(payment)).hinted_at).not.toBeNull();
        await reaches(payment, 'requires_action');
        const transId = await transIdOf(payment);
        expect(await stored(payment)).toMatchObject({ trans_id: transId });
        await sandbox.settle(transId, '1');
        await reaches(payment, 'succeeded');
        expect(await stored(payment)).toMatchObject({ trans_id: transId, flags: [] });
        expect(await statusesOf(payment)).toEqual(CONFIRMED);
      },
      TEST_LIMIT_MS,
    );
  },
);

describe.each(['main', 'plain'])('on %s, after a lost reply', (terminal) => {
  it.concurrent(
    'a payment is settled by the transaction of its genuine callback, among forged ones',
    async () => {
      const reference = nextReference();
      await sandbox.fault({ match: { reference }, fault: 'drop_after_processing' });
      const payment = await accepted(terminal, reference);
      await reaches(payment, 'in_doubt');
      const transId = await transIdOf(payment);
      for (const forged of ['997', '998', '999'])
        await postToAddress(payment, callbackOf(payment, forged, '2'));
      expect(await stored(payment)).toMatchObject({ trans_id: null });
      await sandbox.settle(transId, '1');
      await reaches(payment, 'succeeded');
      expect(await stored(payment)).toMatchObject({ trans_id: transId, flags: [] });
    },
    TEST_LIMIT_MS,
  );
});
