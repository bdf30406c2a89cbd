// Goal: every demo scenario ends as described, over five real processes, and the gateway's ledger
// agrees. Method: the scenarios of `npm run demo` run all at once, as in the demo; then each is
// checked by itself.
import { Orders, PaymentsApi, Sandbox } from './support/clients.js';
import { playAll, type DemoResult } from './demo/play.js';
import { SCENARIOS } from './demo/scenarios.js';
import { startTestStack, type TestStack } from './support/processes.js';

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;

let testStack: TestStack;
const results = new Map<string, DemoResult>();

function resultOf(name: string): DemoResult {
  const result = results.get(name);
  if (result === undefined) throw new Error(`scenario ${name} was not played`);
  return result;
}

beforeAll(async () => {
  testStack = await startTestStack();
  const { urls } = testStack.stack;
  const played = await playAll(SCENARIOS, {
    run: 'e2e',
    api: new PaymentsApi(urls.api, testStack.merchant.apiKey),
    orders: new Orders(urls.orders),
    sandbox: new Sandbox(urls.sandbox),
  });
  for (const result of played) results.set(result.scenario.name, result);
}, START_LIMIT_MS);

afterAll(() => testStack?.stop(), STOP_LIMIT_MS);

describe.each(SCENARIOS.map(({ name, title, terminal }) => ({ name, title, terminal })))(
  '$title on $terminal ($name)',
  ({ name }) => {
    it('ends as its scenario describes', () => {
      expect(resultOf(name).problems).toEqual([]);
    });

    it('sent the gateway one request, which charged the payer once or not at all', () => {
      const { ledger, scenario } = resultOf(name);
      expect(ledger?.received).toHaveLength(1);
      expect(ledger?.data.filter(({ charged }) => charged)).toHaveLength(scenario.charged ? 1 : 0);
    });

    it('published every change to the order domain, numbered without gaps', () => {
      const { payment, order } = resultOf(name);
      const sequences = order?.events.map(({ sequence }) => sequence).toSorted((a, b) => a - b);
      expect(sequences).toEqual(
        Array.from({ length: payment?.version ?? 0 }, (_, index) => index + 1),
      );
      expect(order?.payment_status).toBe(payment?.status);
    });
  },
);

it('returns a payment to the queue while the gateway refuses connections', () => {
  const types = resultOf('gateway-down').order?.events.map(({ type }) => type);
  expect(types?.filter((type) => type === 'payment.queued.v1').length).toBeGreaterThan(1);
});

it('publishes an expiry to the order domain that was not the end', () => {
  const types = resultOf('expired-then-approved').order?.events.map(({ type }) => type);
  expect(types?.slice(-2)).toEqual(['payment.expired.v1', 'payment.succeeded.v1']);
});
