// Goal: every demo scenario ends as it says, over five real processes, and the gateway's own book agrees.
// Method: the scenarios of `npm run demo` are played all at once, as the demo does; then each is looked at by itself.
import { Orders, PaymentsApi, Sandbox } from '../tools/demo/clients.mjs';
import { playAll, type DemoResult } from '../tools/demo/play.mjs';
import { SCENARIOS } from '../tools/demo/scenarios.mjs';
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
    it('ends as its scenario says', () => {
      expect(resultOf(name).problems).toEqual([]);
    });

    it('reached the gateway at most once and charged at most once', () => {
      const rows = resultOf(name).ledger?.data ?? [];
      expect(rows.length).toBeLessThanOrEqual(1);
      expect(rows.filter(({ charged }) => charged)).toHaveLength(
        resultOf(name).scenario.charged ? 1 : 0,
      );
      expect(rows.reduce((sum, { requests }) => sum + requests, 0)).toBeLessThanOrEqual(1);
    });

    it('told the order domain every change, numbered without gaps', () => {
      const { payment, order } = resultOf(name);
      const sequences = order?.events.map(({ sequence }) => sequence).toSorted((a, b) => a - b);
      expect(sequences).toEqual(
        Array.from({ length: payment?.version ?? 0 }, (_, index) => index + 1),
      );
      expect(order?.payment_status).toBe(payment?.status);
    });
  },
);
