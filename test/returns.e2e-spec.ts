// Goal: a payer's real browser comes back to the shop as docs/api.md describes, directly and
// through the return page, and only the return page's status can be believed. Method: five real
// processes, a shop of the test on a site of its own, Chromium; the browser types the one-time
// password.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Quittance } from '@quittance/client';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from './support/browser.js';
import { PaymentsApi, type PaymentView } from './support/clients.js';
import { startTestStack, type TestStack } from './support/processes.js';

/** Chromium may have to be installed first. */
const START_LIMIT_MS = 600_000;
const STOP_LIMIT_MS = 60_000;
const HOST = 'shop.example';
/** The sandbox asks for a one-time password. */
const CARD = { number: '4111111111111111', cvv: '123', exp_month: '01', exp_year: '30' };

/** A request that reached the shop. */
interface Visit {
  readonly method: string;
  readonly url: string;
  readonly cookies: string;
  readonly body: string;
}

let testStack: TestStack;
let api: PaymentsApi;
let client: Quittance;
let browser: Browser;
let page: Page;
let shop: Server;
let shopUrl: string;
const visits: Visit[] = [];
/** The merchant's id, as its events have it. */
let knownMerchant: string | undefined;
let paymentCount = 0;

beforeAll(async () => {
  shop = createServer((request, response) => {
    void visitOf(request).then((visit) => {
      visits.push(visit);
      response.setHeader('set-cookie', ['basket=7; SameSite=Lax', 'strict=1; SameSite=Strict']);
      response.setHeader('content-type', 'text/html');
      response.end('<title>Shop</title>');
    });
  });
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  shopUrl = `http://${HOST}:${(shop.address() as AddressInfo).port}`;
  testStack = await startTestStack();
  const { merchant, stack } = testStack;
  api = new PaymentsApi(stack.urls.api, merchant.apiKey);
  client = new Quittance({ baseUrl: stack.urls.api, apiKey: merchant.apiKey });
  browser = await startBrowser([HOST]);
}, START_LIMIT_MS);
afterAll(async () => {
  await browser?.close();
  await testStack?.stop();
  shop.closeAllConnections();
  await new Promise((resolve) => shop.close(resolve));
}, STOP_LIMIT_MS);
beforeEach(async () => {
  visits.length = 0;
  page = await browser.newPage();
  await page.goto(`${shopUrl}/basket`);
});
afterEach(() => page.close());

async function visitOf(request: IncomingMessage): Promise<Visit> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = '', url = '', headers } = request;
  return { method, url, cookies: headers.cookie ?? '', body: Buffer.concat(chunks).toString() };
}

/** Creates a payment that waits for the payer. */
async function started(changes: Record<string, unknown>): Promise<PaymentView> {
  paymentCount += 1;
  const { payment } = await api.create({
    reference: `BACK-${paymentCount}`,
    terminal: 'main',
    amount: '11.11',
    currency: 'EUR',
    product_name: 'Two tickets',
    method: 'CC',
    card: CARD,
    return_url: `${shopUrl}/return`,
    ...changes,
  });
  return api.until(payment.id, ({ status }) => status === 'requires_action', 'requires_action');
}

async function merchantId(): Promise<string> {
  for await (const { data } of client.events.list()) knownMerchant ??= data.merchant;
  if (knownMerchant === undefined) throw new Error('there are no events yet');
  return knownMerchant;
}

/** The payer's browser enters the password, approves or declines, and arrives at the shop. */
async function confirm({ next_action: action }: PaymentView, button: string): Promise<Visit> {
  await page.goto(action?.url ?? '');
  if (button === 'approved') await page.fill('#otp', (await hintedPassword()) ?? '');
  await page.click(`button[value="${button}"]`);
  await page.waitForURL(`${shopUrl}/return**`);
  const visit = visits.find(({ url }) => url.startsWith('/return'));
  if (!visit) throw new Error('the browser did not reach the shop');
  return visit;
}

async function hintedPassword(): Promise<string | undefined> {
  const hint = await page.textContent('#otp-hint');
  return /\d{6}/.exec(hint ?? '')?.[0];
}

it('arrives from the gateway by POST, without Lax cookies, with fields that any visitor can write', async () => {
  const visit = await confirm(await started({}), 'approved');
  const query = new URL(visit.url, shopUrl).searchParams;
  expect(visit).toMatchObject({ method: 'POST', cookies: '' });
  expect(visit.body).toContain('test_auth=approved');
  expect(query.get('order_status')).toBe('25');
  expect(query.has('status_token')).toBe(false);
});

it.each([
  ['approved', 'succeeded'],
  ['declined', 'declined'],
])('arrives through the return page by GET with a verified status: %s', async (button, status) => {
  const payment = await started({ return_page: true, order_id: 'BASKET-7' });
  const visit = await confirm(payment, button);
  expect(visit).toMatchObject({ method: 'GET', cookies: 'basket=7', body: '' });
  const names = [...new URL(visit.url, shopUrl).searchParams.keys()];
  expect(names).toEqual(['payment_intent', 'status_token']);
  const returned = await client.payments.verifyReturn(visit.url, { merchant: await merchantId() });
  const stored = await client.payments.get(payment.id);
  expect(returned).toMatchObject({ id: payment.id, order_id: 'BASKET-7', status });
  expect(returned).toMatchObject({ status: stored.status, version: stored.version });
});

it('is refused by the shop when the token was changed or belongs to another merchant', async () => {
  const { url } = await confirm(await started({ return_page: true }), 'declined');
  const ours = await merchantId();
  const made = url.replace(/status_token=[^.]+\.[^.]+/, (token) => `${token.slice(0, -4)}AAAA`);
  for (const [query, audience] of [
    [made, ours],
    [url, 'mer_another'],
    ['/return?order_status=1', ours],
    [`${url}&status_token=x`, ours],
  ] as const) {
    const verifying = client.payments.verifyReturn(query, { merchant: audience });
    await expect(verifying).rejects.toMatchObject({ code: 'invalid_return' });
  }
});

it('is shown a page that is no dead end when the address belongs to no payment', async () => {
  const answer = await page.goto(`${testStack.stack.urls.api}/return/pi_unknown`);
  expect(answer?.status()).toBe(404);
  expect(await page.textContent('h1')).toBe('No payment at this address');
  const shown = await page.evaluate(
    '({ width: document.documentElement.scrollWidth <= window.innerWidth, font: getComputedStyle(document.body).fontFamily })',
  );
  expect(shown).toEqual({ width: true, font: 'system-ui, sans-serif' });
});
