// Goal: a person on call sees the state, finds a payment, and ends a doubt from the page alone, in
// a real browser: with the mouse and the keyboard, on a phone, in the dark, and without a serious
// fault for assistive technology. Method: five real processes and Chromium; the gateway hangs up on
// one payment, and the worker is killed.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { Queue } from 'bullmq';
import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import { operate } from '../tools/stack/operator.js';
import { SandboxControl } from './chaos/sandbox-control.js';
import { paymentRequest, SCENARIOS } from './demo/scenarios.js';
import { startBrowser } from './support/browser.js';
import { PaymentsApi, Sandbox } from './support/clients.js';
import { eventually } from './support/eventually.js';
import { startTestStack, type TestStack } from './support/processes.js';

const START_LIMIT_MS = 600_000;
const STOP_LIMIT_MS = 60_000;
const VIEW_LIMIT_MS = 30_000;
const FIRST_LOAD_BYTES_MAX = 170_000;
const ASSETS = 'dist/apps/dashboard/assets';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let testStack: TestStack;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let url: string;
let key: string;
let reader: string;
const paid = 'PAGE-PAID';
const doubtful = 'PAGE-DOUBT';
const faults: string[] = [];

beforeAll(async () => {
  testStack = await startTestStack();
  const { stack, setup, merchant } = testStack;
  url = `${stack.urls.api}/ops`;
  const [ann = ''] = await operate(setup, [['operators', 'add', 'ann']]);
  key = ann;
  [reader = ''] = await operate(
    { ...setup, extra: { ...setup.extra, QUITTANCE_OPERATOR_KEY: ann } },
    [['operators', 'add', 'rita', '--rights', 'read']],
  );
  const api = new PaymentsApi(stack.urls.api, merchant.apiKey);
  const { returnUrl } = new Sandbox(stack.urls.sandbox);
  const [scenario] = SCENARIOS.filter(({ name }) => name === 'approved-by-acquirer');
  const { payment } = await api.create(paymentRequest(scenario!, { reference: paid, returnUrl }));
  await api.until(payment.id, ({ status }) => status === 'succeeded', 'succeeded');
  await new SandboxControl(stack.urls.sandbox).fault({
    match: { reference: doubtful },
    fault: 'drop_after_processing',
  });
  const doubt = await api.create(paymentRequest(scenario!, { reference: doubtful, returnUrl }));
  await api.until(doubt.payment.id, ({ status }) => status === 'in_doubt', 'in_doubt');
  browser = await startBrowser();
}, START_LIMIT_MS);
afterAll(async () => {
  await browser?.close();
  await testStack?.stop();
}, STOP_LIMIT_MS);
beforeEach(async () => {
  context = await browser.newContext();
  page = await context.newPage();
  page.setDefaultTimeout(VIEW_LIMIT_MS);
  page.on('console', (message) => {
    // A 401 tells the page that it has to sign in.
    if (message.type() === 'error' && !/401/.test(message.text())) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
});
afterEach(async () => {
  await context.close();
  const found = faults.splice(0);
  if (found.length > 0) throw new Error(found.join('\n'));
});

async function signIn(as = key, path = ''): Promise<void> {
  await page.goto(`${url}${path}`);
  await page.fill('#key', as);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}
const shows = (text: string | RegExp) => page.getByText(text).first().waitFor();

/** The faults for assistive technology that are serious or worse. */
async function seriousFaults(): Promise<unknown> {
  await page.evaluate(axe);
  return page.evaluate(
    `axe.run().then(({ violations }) => violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).slice(0, 3).join(' ')))`,
  );
}
const overflows = () =>
  page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');

it('loads little, from its own host alone', async () => {
  const sizes = readdirSync(ASSETS).map(
    (file) => gzipSync(readFileSync(`${ASSETS}/${file}`)).length,
  );
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(FIRST_LOAD_BYTES_MAX);
  const hosts = new Set<string>();
  page.on('request', (request) => hosts.add(new URL(request.url()).origin));
  const answer = await page.goto(url);
  await page.waitForSelector('#key');
  expect([...hosts]).toEqual([new URL(url).origin]);
  const policy = answer?.headers()['content-security-policy'];
  expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'/);
});

it('signs in and out; a wrong key, and a page behind the back, get nothing', async () => {
  await page.goto(url);
  await page.fill('#key', 'qo_wrong');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
  await signIn();
  await shows('Is work starting?');
  expect((await context.cookies())[0]).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForSelector('#key');
  await page.goto(`${url}/audit`);
  await page.waitForSelector('#key');
});

it('leads from the queue board to the sign-in and back', async () => {
  await page.goto(`${url}/queues`);
  await page.waitForSelector('#key');
  await page.fill('#key', key);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${url}/queues`);
  await shows('submission-default');
});

it('finds a payment by keyboard alone, and shows its whole story', async () => {
  await signIn();
  await shows('Is work starting?');
  await page.getByRole('searchbox').focus();
  await page.keyboard.type(paid);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: paid }).focus();
  await page.keyboard.press('Enter');
  await shows('Timeline');
  for (const text of ['queued', 'submitting', 'succeeded', 'Attempts', 'reported', /evt_\w+_3/])
    await shows(text);
  expect(await seriousFaults()).toEqual([]);
});

it.each([
  ['light, wide', {}, { width: 1280, height: 800 }],
  ['dark, on a phone', { colorScheme: 'dark' as const }, { width: 360, height: 740 }],
])('has no serious fault and no overflow: %s', async (_, media, size) => {
  await page.setViewportSize(size);
  await page.emulateMedia(media);
  await page.goto(url);
  await page.waitForSelector('#key');
  expect(await seriousFaults()).toEqual([]);
  await signIn();
  for (const [path, text] of [
    [`/?q=${paid}`, paid],
    ['/?range=15m', 'Throughput, a second'],
    ['/doubts', doubtful],
    ['/lanes', 'No job has failed.'],
    ['/events', 'Every event was processed.'],
    ['/audit', 'sign in'],
  ] as const) {
    await page.goto(`${url}${path}`);
    await shows(text);
    expect({ path, faults: await seriousFaults() }).toEqual({ path, faults: [] });
    expect({ path, isWide: await overflows() }).toEqual({ path, isWide: false });
  }
});

it('draws what happened, for a range in the address, by keyboard and as a table', async () => {
  await signIn();
  const chart = page.getByRole('slider', { name: 'Throughput, a second: move through time' });
  await chart.waitFor();
  await page.getByRole('button', { name: '15 minutes' }).click();
  await page.waitForURL(/\?range=15m$/);
  await page.reload();
  await chart.focus();
  const read = async () => (await chart.getAttribute('aria-valuetext')) ?? '';
  const newest = await eventually(async () => {
    const text = await read();
    expect(text).toMatch(/: accepted [\d.]+, ended [\d.]+$/);
    return text;
  });
  await page.keyboard.press('Home');
  await eventually(async () => expect(await read()).not.toBe(newest));
  const oldest = await read();
  await page.keyboard.press('ArrowRight');
  await eventually(async () => expect(await read()).not.toBe(oldest));
  await page.keyboard.press('Escape');
  await page.getByText('Table of Approval rate').click();
  await page
    .getByRole('region', { name: 'Approval rate, newest first' })
    .getByText('100 %')
    .waitFor();
  await shows('95 %');
});

it('follows the figures while the tab is visible, and no longer', async () => {
  const live = (request: Request) => request.url().endsWith('/v1/ops/overview/live');
  const opened = page.waitForRequest(live);
  await signIn();
  await opened;
  const now = page.getByLabel('Now');
  await now.getByText(/^\d+$/).first().waitFor();
  const setVisibility = (state: string) =>
    page.evaluate(
      `Object.defineProperty(document, 'visibilityState', { configurable: true, value: '${state}' });
       document.dispatchEvent(new Event('visibilitychange'))`,
    );
  const ended = page.waitForEvent('requestfailed', live);
  await setVisibility('hidden');
  await ended;
  const again = page.waitForRequest(live);
  await setVisibility('visible');
  await again;
  await now.getByText(/^\d+$/).first().waitFor();
});

it('shows a reader everything and no action', async () => {
  await signIn(reader, '/doubts');
  await page.getByRole('link', { name: doubtful }).waitFor();
  expect(await page.getByRole('button', { name: 'Resolve' }).count()).toBe(0);
  await page.getByRole('link', { name: 'Events' }).click();
  await shows('Every event was processed.');
  expect(await page.getByRole('button', { name: /Replay/ }).count()).toBe(0);
});

it('counts the events of a time before it replays them, on a phone', async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  await signIn(key, '/events');
  await page.getByRole('button', { name: 'Replay a time' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^From/).fill('yesterday');
  await page.keyboard.press('Tab');
  await dialog.getByText('This is no time, and no event.').waitFor();
  await dialog.getByLabel(/^From/).fill('2020-01-01');
  await page.keyboard.press('Tab');
  await dialog.getByText(/^\d+ events, from 20/).waitFor();
  expect(await seriousFaults()).toEqual([]);
  expect(await overflows()).toBe(false);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'hidden' });
});

it('ends a doubt with evidence, which the audit names', async () => {
  await signIn(key, '/doubts');
  await page.getByRole('link', { name: doubtful }).waitFor();
  await page.getByRole('button', { name: 'Resolve' }).first().click();
  expect(await seriousFaults()).toEqual([]);
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox').selectOption('failed');
  await dialog.getByRole('textbox').fill('not in the dashboard of the gateway');
  await dialog.getByRole('button', { name: 'Resolve' }).click();
  await shows(`${doubtful} is now failed`);
  await shows('Nothing is in doubt.');
  await page.getByRole('link', { name: 'Audit' }).click();
  await shows('not in the dashboard of the gateway');
  await page.getByRole('rowheader', { name: 'ann' }).first().waitFor();
});

it('pauses a lane, whose payments then wait, and resumes it', async () => {
  await signIn(key, '/lanes');
  const row = page.getByRole('row').filter({ hasText: 'default' });
  await row.getByText('nothing', { exact: true }).waitFor();
  await row.getByRole('button', { name: 'Pause' }).click();
  const dialog = page.getByRole('dialog');
  expect(await seriousFaults()).toEqual([]);
  await dialog.getByRole('textbox').fill('maintenance of the gateway');
  await dialog.getByRole('button', { name: 'Pause' }).click();
  await shows('default is paused');
  await row.getByText('Paused by ann: maintenance of the gateway').waitFor();

  const { stack, merchant } = testStack;
  const api = new PaymentsApi(stack.urls.api, merchant.apiKey);
  const { returnUrl } = new Sandbox(stack.urls.sandbox);
  const [scenario] = SCENARIOS.filter(({ name }) => name === 'approved-by-acquirer');
  const reference = 'PAGE-LANE';
  const { payment } = await api.create(paymentRequest(scenario!, { reference, returnUrl }));
  // The queue's job arrives, and its age grows, while nothing is sent.
  await row
    .getByText(/^[1-9]\d*(\.\d)? s$/)
    .first()
    .waitFor();
  expect((await api.get(payment.id)).status).toBe('queued');

  await row.getByRole('button', { name: 'Resume' }).click();
  await dialog.getByRole('button', { name: 'Resume' }).click();
  await api.until(payment.id, ({ status }) => status === 'succeeded', 'succeeded');
  await row.getByText('nothing', { exact: true }).waitFor();
});

it('limits a lane by keyboard, and shows a reader no action', async () => {
  await signIn(key, '/lanes');
  const row = page.getByRole('row').filter({ hasText: 'default' });
  await row.getByRole('button', { name: 'Limits' }).focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('Most submissions that start in a second').focus();
  await page.keyboard.type('40');
  await page.keyboard.press('Enter');
  await row.getByText('40 a second').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForSelector('#key');
  await signIn(reader, '/lanes');
  await row.getByText('40 a second').waitFor();
  expect(await row.getByRole('button').count()).toBe(0);
});

it('retries and discards the failed jobs that were counted', async () => {
  const { setup } = testStack;
  const queued = { connection: { url: setup.redisUrl }, prefix: setup.extra!['QUEUE_PREFIX']! };
  const queue = new Queue('inquiry', queued);
  // A worker refuses what has no name of a job, and keeps a record of it.
  for (let count = 0; count < 3; count += 1) await queue.add('stranger', {});
  await eventually(async () => expect(await queue.getFailedCount()).toBe(3));

  await signIn(key, '/lanes');
  await page.getByRole('link', { name: 'inquiry 3' }).click();
  await page.getByRole('link', { name: /does not have the form of a job name \(3\)/ }).click();
  await shows('The oldest 3 of 3');
  expect(await seriousFaults()).toEqual([]);
  await page.getByRole('button', { name: 'Retry all 3' }).click();
  await shows('Nothing is sent twice');
  await page.getByRole('dialog').getByRole('button', { name: 'Retry all 3' }).click();
  await shows('3 jobs are back on inquiry.');

  // They contain nothing, so they fail again, for another reason.
  await eventually(async () => expect(await queue.getFailedCount()).toBe(3));
  await page.goto(`${url}/lanes?queue=inquiry`);
  await page.getByRole('link', { name: /rejected before and contains nothing \(3\)/ }).click();
  await page.getByRole('button', { name: 'Discard all 3' }).click();
  expect(await seriousFaults()).toEqual([]);
  await page.getByRole('dialog').getByRole('button', { name: 'Discard all 3' }).click();
  await shows('3 jobs of inquiry are discarded.');
  await shows('No job has failed.');
  await queue.close();
  await page.getByRole('link', { name: 'Audit' }).click();
  await shows('queues discard');
});

it('says that no worker runs, and that work starts again', async () => {
  await signIn();
  await shows('Work is starting.');
  await testStack.stack.process('worker')?.kill();
  await shows('No work is starting.');
  await shows('No worker runs.');
  testStack.stack.launch('worker');
  await shows('Work is starting.');
});
