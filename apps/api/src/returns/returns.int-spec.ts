// Goal: a payer who comes back reaches the shop by GET with the status that the database has, and
// no request to the page learns or changes anything else. Method: the running api over real
// sockets; the test plays the browser, and follows no redirect.
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { eventually } from '../../../../test/support/eventually.js';
import { aRequest, type RequestBody } from '../../test/a-request.js';
import { ApiRig, type TestMerchant } from '../../test/api-rig.js';
import { TestWorker } from '../../test/test-worker.js';

const PAGE_URL = 'https://pay.example/quittance';
const NONE = 'pi_00000000000000000000000000';

let rig: ApiRig;
let merchant: TestMerchant;
let worker: TestWorker;
beforeAll(async () => {
  rig = await ApiRig.start({
    env: { PUBLIC_API_URL: `${PAGE_URL}/`, ADDRESS_REQUESTS_PER_MINUTE: '100000' },
  });
  worker = await TestWorker.start(rig);
});
afterAll(async () => {
  await worker.stop();
  await rig.stop();
});
beforeEach(async () => {
  merchant = await rig.addMerchant();
});

const form = {
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: 'otp=123456&test_auth=y',
};

function arrive(id: string, options: RequestInit = {}, query = ''): Promise<Response> {
  return fetch(`${rig.url}/return/${id}${query}`, { redirect: 'manual', ...options });
}

async function pay(changes: RequestBody = {}): Promise<string> {
  const body = aRequest({ return_page: true, ...changes });
  const { status, body: payment } = await rig.ask('POST', '/v1/payment-intents', {
    key: merchant.key,
    body,
  });
  expect(status).toBe(202);
  return String(payment['id']);
}

const cancel = (id: string) =>
  rig.ask('POST', `/v1/payment-intents/${id}/cancel`, { key: merchant.key });

async function claimsAt(location: string | null): Promise<Record<string, unknown>> {
  const { searchParams } = new URL(location ?? '');
  const published = await rig.ask('GET', '/.well-known/jwks.json');
  const keys = createLocalJWKSet(published.body as unknown as JSONWebKeySet);
  const { payload } = await jwtVerify(searchParams.get('status_token') ?? '', keys, {
    audience: merchant.id,
    typ: 'payment-return+jwt',
  });
  expect(searchParams.get('payment_intent')).toBe(payload.sub);
  return payload;
}

it.each([
  ['by GET', {}, ''],
  ['by POST of a form', form, ''],
  ['by POST without a body', { method: 'POST' }, ''],
  ['with the gateway’s fields', form, '?transID=1&order_status=1&reference=X&status=Approved'],
])('sends the payer on with the signed status: %s', async (_, options, query) => {
  const id = await pay({ reference: 'ORD-1', order_id: 'O-1', amount: '12.30' });
  await cancel(id);
  const answer = await arrive(id, options, query);
  expect(answer.status).toBe(303);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
  const location = answer.headers.get('location') ?? '';
  expect(location).toMatch(/^https:\/\/shop\.example\/return\?payment_intent=pi_/);
  expect(await claimsAt(location)).toMatchObject({
    sub: id,
    reference: 'ORD-1',
    order_id: 'O-1',
    status: 'cancelled',
    version: 2,
    amount: '12.30',
    currency: 'EUR',
    livemode: false,
  });
  expect(rig.logged.join()).not.toContain('123456');
});

it('adds to the query that the shop has', async () => {
  const id = await pay({ return_url: 'https://shop.example/return?cart=7&x=%20y' });
  await cancel(id);
  const location = (await arrive(id)).headers.get('location');
  expect(location).toContain('https://shop.example/return?cart=7&x=%20y&payment_intent=');
});

it('waits for the outcome that an inquiry brings', async () => {
  const id = await pay();
  const arriving = arrive(id, form);
  await eventually(async () => {
    const { body } = await rig.ask('GET', '/metrics');
    expect(body['text']).toContain('quittance_answers_held 1');
  });
  await cancel(id);
  const location = (await arriving).headers.get('location');
  expect(await claimsAt(location)).toMatchObject({ sub: id, status: 'cancelled' });
});

it('requests an inquiry for a payment at the gateway, and none while one is due', async () => {
  const id = await pay();
  await worker.open(id);
  await worker.report(id, {
    state: 'testPending',
    orderStatus: '27',
    authUrl: 'https://otp.example/1',
  });
  const asks = () => rig.count('SELECT asks AS count FROM payment_intents WHERE id = $1', [id]);
  const before = await asks();
  // A page that arrives with another one may still write after that one's commit.
  await Promise.all([1, 2, 3].map(() => arrive(id)));
  expect(await asks()).toBeGreaterThan(before);
  await rig.pool.query('UPDATE payment_intents SET next_step_at = now() WHERE id = $1', [id]);
  const requested = await asks();
  const location = (await arrive(id)).headers.get('location');
  expect(await claimsAt(location)).toMatchObject({ sub: id, status: 'requires_action' });
  expect(await asks()).toBe(requested);
});

it.each([
  ['an unknown payment', async () => NONE],
  ['no id', async () => '..%2F..%2Fetc'],
  ['an id with markup', async () => '%3Cscript%3E'],
  ['a payment whose payer returns to the shop directly', () => pay({ return_page: false })],
])('shows a page without details for %s', async (_, idOf) => {
  const answer = await arrive(await idOf(), form);
  expect(answer.status).toBe(404);
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  const text = await answer.text();
  expect(text).toContain('No payment at this address');
  expect(text).not.toMatch(/pi_|script|refresh/);
});

it('lets the browser try again while Postgres is unavailable', async () => {
  const id = await pay();
  await cancel(id);
  await rig.toPostgres.cut();
  const answer = await arrive(id, form);
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
  expect(await answer.text()).toContain('<meta http-equiv="refresh" content="5">');
  await rig.toPostgres.mend();
  await eventually(async () => expect((await arrive(id)).status).toBe(303));
});

it('is refused while the api has no key to sign with', async () => {
  const { returnTokens: _, ...keySet } = rig.keySets.api;
  const env = { QUITTANCE_KEYSET: JSON.stringify(keySet) };
  const other = await ApiRig.start({ env });
  const { key } = await other.addMerchant();
  const body = aRequest({ return_page: true });
  const answer = await other.ask('POST', '/v1/payment-intents', { key, body });
  expect(answer).toMatchObject({
    status: 422,
    body: { errors: [{ path: 'return_page', code: 'not_allowed' }] },
  });
  await other.stop();
});

it.each([
  ['a text', 'true'],
  ['a number', 1],
])('a choice that is %s is rejected', async (_, choice) => {
  const body = aRequest({ return_page: choice });
  const answer = await rig.ask('POST', '/v1/payment-intents', { key: merchant.key, body });
  expect(answer).toMatchObject({
    status: 422,
    body: { errors: [{ path: 'return_page', message: 'Must be true or false.' }] },
  });
});
