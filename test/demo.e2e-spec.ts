// Goal: every demo scenario ends as described, over five real processes, and the gateway's ledger
// agrees. Method: the scenarios of `npm run demo` run all at once, as in the demo; then each is
// checked by itself. They run twice: against the gateway of the reference pages, which the demo
// shows, and against the newer server, whose replies and callbacks differ in most members.
import { playOnce } from '../tools/commands/start.js';
import { Orders, PaymentsApi, Sandbox } from './support/clients.js';
import { playAll, type DemoResult } from './demo/play.js';
import { SCENARIOS } from './demo/scenarios.js';
import { SIMPLE_PAGE } from './support/published-pages.js';
import { startTestStack, type TestStack } from './support/processes.js';

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;

let testStack: TestStack;
/** The sandbox's reply to the page's request, as soon as the stack was up. */
let answered: object;
const GENERATIONS = ['doc', 'b'] as const;
type Generation = (typeof GENERATIONS)[number];
const results = new Map<string, DemoResult>();

function resultOf(name: string, generation: Generation = 'doc'): DemoResult {
  const result = results.get(`${generation} ${name}`);
  if (result === undefined) throw new Error(`scenario ${name} was not played`);
  return result;
}

beforeAll(async () => {
  testStack = await startTestStack();
  const { urls } = testStack.stack;
  const sandbox = new Sandbox(urls.sandbox);
  const headers = { 'content-type': 'application/json' };
  const options = { method: 'POST', headers, body: SIMPLE_PAGE.request };
  answered = (await (await fetch(urls.sandbox + SIMPLE_PAGE.path, options)).json()) as object;
  for (const generation of GENERATIONS) {
    // The first one is the sandbox's own choice.
    if (generation !== GENERATIONS[0]) await sandbox.simulate(generation);
    const played = await playAll(SCENARIOS, {
      run: `e2e-${generation}`,
      api: new PaymentsApi(urls.api, testStack.merchant.apiKey),
      orders: new Orders(urls.orders),
      sandbox,
    });
    for (const result of played) results.set(`${generation} ${result.scenario.name}`, result);
  }
}, START_LIMIT_MS);

afterAll(() => testStack?.stop(), STOP_LIMIT_MS);

const PLAYED = GENERATIONS.flatMap((generation) =>
  SCENARIOS.map(({ name, title, terminal }) => ({ name, title, terminal, generation })),
);

describe.each(PLAYED)(
  '$title on $terminal ($name) in generation $generation',
  ({ name, generation }) => {
    it('ends as its scenario describes', () => {
      expect(resultOf(name, generation).problems).toEqual([]);
    });

    it('sent the gateway one request, which charged the payer once or not at all', () => {
      const { ledger, scenario } = resultOf(name, generation);
      expect(ledger?.received).toHaveLength(1);
      expect(ledger?.data.filter(({ charged }) => charged)).toHaveLength(scenario.charged ? 1 : 0);
    });

    it('published every change to the order domain, numbered without gaps', () => {
      const { payment, order } = resultOf(name, generation);
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

it('starts a sandbox that answers the request of the simple reference page', () => {
  expect(Object.keys(answered)).toEqual(Object.keys(JSON.parse(SIMPLE_PAGE.reply) as object));
  expect(answered).toMatchObject({ order_status: '0', mop: 'Visa', ccno: '411111XXXXXX1111' });
});

it('is not played again by `npm start` on a database that has payments', async () => {
  const sandbox = new Sandbox(testStack.stack.urls.sandbox);
  const before = await sandbox.transIds();
  await playOnce(testStack);
  expect(await sandbox.transIds()).toEqual(before);
});
