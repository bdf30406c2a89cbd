// Goal: each incident that a person on call must handle is solvable from the page alone: the page
// says what is wrong and names the next step, the operator takes it there, and the verdict is good
// again. Method: five real processes with a Redis of their own, and Chromium. Times are shortened
// by settings; the attempts of a subscriber come earlier by BullMQ's own `promote`. A worker that
// is gone is in dashboard.e2e-spec.ts.
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import type { Browser, Page } from 'playwright-core';
import { subscriberQueue } from '@quittance/events';
import { operate } from '../tools/stack/operator.js';
import { SandboxControl } from './chaos/sandbox-control.js';
import { Checkout } from './keys/checkout.js';
import { startBrowser } from './support/browser.js';
import { PaymentsApi, type PaymentView } from './support/clients.js';
import { eventually } from './support/eventually.js';
import { startTestStack, type TestStack } from './support/processes.js';
import { type PrivateRedis, startPrivateRedis } from './support/redis.js';
import { saveScreenshot } from './support/screenshots.js';

const START_LIMIT_MS = 600_000;
const STOP_LIMIT_MS = 60_000;
const PLAY_LIMIT_MS = 300_000;
const VIEW_LIMIT_MS = 120_000;
const SOON = { limitMs: 120_000, everyMs: 500 };
/** As many as a flood has at least. */
const FLOOD = 300;
/** A key may have so many requests in flight, and more. */
const AT_ONCE = 20;

let testStack: TestStack;
let redis: PrivateRedis;
let checkout: Checkout;
let api: PaymentsApi;
let browser: Browser;
let page: Page;
let asAnn: TestStack['setup'];

beforeAll(async () => {
  redis = await startPrivateRedis();
  testStack = await startTestStack({
    redisUrl: redis.url,
    extra: { GATEWAY_TIMEOUT_MS: '1000', GATEWAY_BREAKER_INQUIRY_MS: '1000' },
  });
  const { setup, stack, merchant } = testStack;
  checkout = await Checkout.open(testStack);
  api = new PaymentsApi(stack.urls.api, merchant.apiKey);
  const [key = ''] = await operate(setup, [['operators', 'add', 'ann']]);
  asAnn = { ...setup, extra: { ...setup.extra, QUITTANCE_OPERATOR_KEY: key } };
  browser = await startBrowser();
  page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(VIEW_LIMIT_MS);
  await page.goto(`${stack.urls.api}/ops`);
  await page.fill('#key', key);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}, START_LIMIT_MS);
afterAll(async () => {
  await browser?.close();
  await testStack?.stop();
  await redis?.stop();
}, STOP_LIMIT_MS);

beforeEach(async () => {
  await turn('Overview');
  await isGood();
}, PLAY_LIMIT_MS);

const turn = (view: string) => page.getByRole('link', { name: view, exact: true }).click();
const shows = (text: string | RegExp) => page.getByText(text).first().waitFor();
/** Every sentence of the verdict is good. */
async function isGood(): Promise<void> {
  for (const sentence of ['Work is starting.', 'Payments end well.', 'This data is fresh.'])
    await shows(sentence);
}
let payments = 0;
const accept = (name: string) => {
  payments += 1;
  return checkout.accept({ kind: 'card', terminal: 'main', reference: `${name}-${payments}` });
};
const reaches = (id: string, wanted: string) =>
  api.until(id, ({ status }) => status === wanted, wanted);

it(
  'the gateway refuses connections: the page names its terminal, and that nothing is to be done twice',
  async () => {
    const sandbox = new SandboxControl(testStack.stack.urls.sandbox);
    await sandbox.fault({ fault: 'refuse_connection', for_ms: 20_000 });
    const accepted = await Promise.all(Array.from({ length: 12 }, () => accept('REFUSED')));
    await shows(/The gateway of terminal demo\/main cannot be reached\./);
    await shows(/Payments of terminal demo\/main wait\./);
    await shows(/Check the gateway and the network/);
    await saveScreenshot(page, 'gateway-refuses');
    for (const { id } of accepted) await eventually(() => reaches(id, 'succeeded'), SOON);
    await isGood();
  },
  PLAY_LIMIT_MS,
);

it(
  'the gateway never answers: the operator finds the doubts and ends them with evidence',
  async () => {
    const sandbox = new SandboxControl(testStack.stack.urls.sandbox);
    await sandbox.fault({ fault: 'delay_ms', ms: 8_000, times: 2, match: { path: '/api/s2s' } });
    const doubts = [await accept('UNANSWERED'), await accept('UNANSWERED')];
    for (const { id } of doubts) await reaches(id, 'in_doubt');
    await shows(/The gateway of terminal demo\/main gives no usable reply\./);
    await turn('In doubt');
    for (const { reference } of doubts) {
      const row = page.getByRole('row').filter({ hasText: reference });
      await row.getByRole('button', { name: 'Resolve' }).click();
      const dialog = page.getByRole('dialog');
      const { data } = await sandbox.ledger(reference);
      await dialog.getByRole('combobox').selectOption(data[0]?.charged ? 'succeeded' : 'failed');
      await dialog.getByRole('textbox').fill('seen in the dashboard of the gateway');
      await dialog.getByRole('button', { name: 'Resolve' }).click();
      await shows(new RegExp(`${reference} is now`));
    }
    await shows('Nothing is in doubt.');
    await turn('Overview');
    await isGood();
  },
  PLAY_LIMIT_MS,
);

it(
  'Redis is gone: the page still works, says what to bring back, and all that waits starts then',
  async () => {
    await redis.stop();
    await shows('No work is starting.');
    await shows(/Redis is unavailable. Payments are accepted and wait in Postgres\./);
    await shows(/Bring Redis back/);
    const accepted = await accept('WITHOUT-REDIS');
    await turn('Events');
    await shows('Redis is unavailable.');
    await redis.start();
    await reaches(accepted.id, 'succeeded');
    await turn('Overview');
    await isGood();
  },
  PLAY_LIMIT_MS,
);

it(
  'one merchant floods a lane with a rate: the page names both, and the operator raises the rate',
  async () => {
    await operate(asAnn, [['lanes', 'set', 'default', '--rate', '1']]);
    await eventually(async () => {
      const scrape = await fetch(`${testStack.stack.urls.worker}/metrics`);
      expect(await scrape.text()).toContain('quittance_lane_rate_per_second{lane="default"} 1\n');
    }, SOON);
    const accepted: PaymentView[] = [];
    for (let count = 0; count < FLOOD; count += AT_ONCE)
      accepted.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => accept('FLOOD')))));
    await shows('Merchant demo queues more than lane default sends.');
    await shows(/Raise the lane’s rate/);
    await turn('Lanes');
    await page.getByRole('button', { name: 'Limits' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Most submissions that start in a second').fill('500');
    await dialog.getByRole('button', { name: 'Limits' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await turn('Overview');
    await eventually(() => reaches(accepted.at(-1)?.id ?? '', 'succeeded'), SOON);
    await isGood();
  },
  PLAY_LIMIT_MS,
);

it(
  'a subscriber’s handler throws: the operator reads the reason, has it mended, and replays',
  async () => {
    const orders = new Pool({ connectionString: testStack.setup.ordersDatabaseUrl });
    await orders.query('ALTER TABLE orders ADD CONSTRAINT broken CHECK (false) NOT VALID');
    const accepted = await accept('UNHANDLED');
    await shows('Subscriber orders fails to process some of its events.');
    await exhaustAttempts();
    await shows('Subscriber orders does not process its events.');
    await shows(/Read the reason under Events, mend the handler, then replay\./);
    await turn('Events');
    // A notice of an earlier action is not about this view.
    expect(await page.getByText(/is now (succeeded|failed)/).count()).toBe(0);
    await shows(/violates check constraint "broken"/);
    await saveScreenshot(page, 'failed-events');
    await orders.query('ALTER TABLE orders DROP CONSTRAINT broken');
    await orders.end();
    await page.getByRole('button', { name: 'Replay all' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('the constraint is gone');
    await dialog.getByRole('button', { name: 'Replay all' }).click();
    await shows(/back on the queue\./);
    await shows('Every event was processed.');
    await checkout.booked(await reaches(accepted.id, 'succeeded'));
    await turn('Overview');
    await isGood();
  },
  PLAY_LIMIT_MS,
);

/** Lets half an hour of attempts pass: each is due at once, and the last one fails for good. */
async function exhaustAttempts(): Promise<void> {
  const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
  const prefix = String(testStack.setup.extra?.['QUEUE_PREFIX']);
  const queue = new Queue(subscriberQueue('orders'), { connection, prefix });
  await eventually(async () => {
    for (const job of await queue.getDelayed()) await job.promote().catch(() => undefined);
    expect(await queue.getFailedCount()).toBeGreaterThan(0);
    expect(await queue.getDelayedCount()).toBe(0);
  }, SOON);
  await queue.close();
  await connection.quit();
}

it(
  'a subscriber’s database was restored: the operator counts and replays the events of a time',
  async () => {
    const { reference, id } = await accept('RESTORED');
    await checkout.booked(await reaches(id, 'succeeded'));
    const orders = new Pool({ connectionString: testStack.setup.ordersDatabaseUrl });
    await orders.query('TRUNCATE orders, event_inbox');
    await turn('Events');
    await page.getByRole('button', { name: 'Replay a time' }).click();
    const dialog = page.getByRole('dialog');
    const firstEvent = `evt_${id.slice(3)}_1`;
    await dialog.getByLabel('From, a time or evt_…').fill(firstEvent);
    await page.keyboard.press('Tab');
    await dialog.getByText(/^3 events, from/).waitFor();
    await saveScreenshot(page, 'replay-a-time');
    await dialog.getByLabel('Subscriber').selectOption('orders');
    await dialog.getByRole('button', { name: 'Replay a time' }).click();
    await shows(/3 events will be on orders’s queue again/);
    await shows('finished');
    await eventually(async () => {
      const { rows } = await orders.query(
        'SELECT payment_status FROM orders WHERE reference = $1',
        [reference],
      );
      expect(rows).toEqual([{ payment_status: 'succeeded' }]);
    }, SOON);
    await orders.end();
  },
  PLAY_LIMIT_MS,
);
