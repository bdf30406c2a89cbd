// Goal: a key that requires signatures works with them only, and the signed bytes are the ones that
// are read. Method: the running api.
import { generateKeyPairSync } from 'node:crypto';
import { connect } from 'node:net';
import { documentedSignRequest } from '../../../../../test/support/documented-snippet.js';
import { eventually } from '../../../../../test/support/eventually.js';
import { aRequest } from '../../../test/a-request.js';
import { ApiRig, type TestMerchant } from '../../../test/api-rig.js';
import { digestOfKey } from '@quittance/api-keys';
import { digestHeader, signedHeaders, type SigningOptions } from '../../../test/signed.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const PATH = '/v1/payment-intents';
const FORM =
  'reference=EVIL-1&terminal=main&amount=9999.00&currency=EUR&product_name=x&method=NB' +
  '&return_url=https%3A%2F%2Fshop.example%2Fr';

let rig: ApiRig;
let merchant: TestMerchant;

beforeAll(async () => {
  rig = await ApiRig.start();
});
afterAll(() => rig.stop());
beforeEach(async () => {
  merchant = await rig.addMerchant();
  await makeItSign(digestOfKey(merchant.key));
});

async function makeItSign(secretSha256: Buffer): Promise<void> {
  await rig.pool.query('UPDATE api_keys SET signing_public_key = $2 WHERE secret_sha256 = $1', [
    secretSha256,
    publicKey.export({ format: 'der', type: 'spki' }).subarray(-32),
  ]);
}

const send = (
  method: string,
  target: string,
  { body, ...rest }: { body?: string } & Partial<SigningOptions> = {},
  sent: { body?: string } = {},
) =>
  rig.ask(method, target, {
    key: merchant.key,
    body: sent.body ?? body,
    headers: signedHeaders({
      method,
      target,
      privateKey,
      ...rest,
      ...(body !== undefined && { body }),
    }),
  });

describe('a key that requires signatures', () => {
  it('accepts a signed payment, and reads it with a signed request', async () => {
    const body = JSON.stringify(aRequest());
    const created = await send('POST', PATH, { body });
    expect(created.status).toBe(202);
    const read = await send('GET', `${PATH}/${String(created.body['id'])}?version=0`);
    expect(read.status).toBe(200);
    expect((await send('POST', `${PATH}/${String(created.body['id'])}/cancel`)).status).toBe(200);
  });

  it('works with the code from the documentation', async () => {
    const signRequest = await documentedSignRequest();
    const { key } = merchant;
    const ask = async (method: string, target: string, body?: string) => {
      const headers = await signRequest({ method, target, privateKey, ...(body && { body }) });
      return rig.ask(method, target, { key, headers, ...(body && { body }) });
    };
    const { status, body } = await ask('POST', PATH, JSON.stringify(aRequest()));
    expect(status).toBe(202);
    const address = `${PATH}/${String(body['id'])}`;
    expect((await ask('GET', `${address}?version=0`)).status).toBe(200);
    expect((await ask('GET', `${PATH}?reference=a&limit=1`)).status).toBe(200);
    expect((await ask('POST', `${address}/cancel`)).status).toBe(200);
  });

  it('gets 401 with instructions without a signature, and nothing is stored', async () => {
    const answer = await rig.create(merchant);
    expect(answer).toMatchObject({ status: 401, body: { code: 'signature_required' } });
    expect(answer.headers.get('accept-signature')).toContain('alg="ed25519"');
    const stored = 'SELECT count(*) FROM payment_intents WHERE merchant_id = $1';
    expect(await rig.count(stored, [merchant.id])).toBe(0);
    expect((await rig.ask('GET', '/v1/events', { key: merchant.key })).status).toBe(401);
    expect((await rig.ask('GET', '/ops/queues', { key: merchant.key })).status).toBe(401);
  });

  it('rejects an exchanged body', async () => {
    const body = JSON.stringify(aRequest());
    const other = JSON.stringify(aRequest({ amount: '99.99' }));
    const answer = await send('POST', PATH, { body }, { body: other });
    expect(answer).toMatchObject({ status: 400, body: { code: 'digest_mismatch' } });
    const stored = 'SELECT count(*) FROM payment_intents WHERE merchant_id = $1';
    expect(await rig.count(stored, [merchant.id])).toBe(0);
  });

  it.each([
    ['a form', 'application/x-www-form-urlencoded', FORM],
    ['parts', 'multipart/form-data; boundary=x', `--x\r\n\r\n${FORM}\r\n--x--\r\n`],
    ['a text', 'text/plain', FORM],
    ['JSON of another type', 'application/vnd.api+json', JSON.stringify(aRequest())],
  ])('rejects a body exchanged for %s', async (_, type, other) => {
    const body = JSON.stringify(aRequest({ amount: '1.00' }));
    const headers = { ...signedHeaders({ method: 'POST', target: PATH, privateKey, body }) };
    const sent = { ...headers, 'content-type': type };
    const { key } = merchant;
    const answer = await rig.ask('POST', PATH, { key, body: other, headers: sent });
    // The content type is signed, so the exchange is detected before the type is checked.
    expect(answer).toMatchObject({ status: 401, body: { code: 'signature_invalid' } });
    const stored = 'SELECT count(*) FROM payment_intents WHERE merchant_id = $1';
    expect(await rig.count(stored, [merchant.id])).toBe(0);
  });

  it('rejects a body added to a request that was signed without one', async () => {
    const answer = await send('POST', PATH, {}, { body: JSON.stringify(aRequest()) });
    expect(answer).toMatchObject({ status: 401, body: { code: 'signature_invalid' } });
  });

  it('is rejected with a signature that is too old', async () => {
    const created = Math.floor(Date.now() / 1000) - 400;
    const answer = await send('GET', PATH, { created });
    expect(answer).toMatchObject({ status: 401, body: { code: 'signature_invalid' } });
    expect(JSON.stringify(answer.body)).not.toContain(String(created));
  });

  it.each([
    ['a payment', 'POST', PATH, JSON.stringify(aRequest())],
    ['a read', 'GET', PATH, undefined],
    ['a cancellation', 'POST', `${PATH}/pi_none/cancel`, undefined],
  ])('is accepted once: %s', async (_, method, target, body) => {
    const headers = signedHeaders({ method, target, privateKey, ...(body && { body }) });
    const { key } = merchant;
    const again = () => rig.ask(method, target, { key, headers, ...(body && { body }) });
    const first = await again();
    expect(first.body['code']).not.toBe('signature_replayed');
    const second = await again();
    expect(second).toMatchObject({ status: 401, body: { code: 'signature_replayed' } });
    expect(second.headers.get('accept-signature')).toContain('nonce=');
  });

  it('is accepted once on the ops pages, too', async () => {
    const key = await rig.addOpsKey(['ops:read']);
    await makeItSign(digestOfKey(key));
    const target = '/ops/queues/api/queues';
    const headers = signedHeaders({ method: 'GET', target, privateKey });
    const again = () => rig.ask('GET', target, { key, headers });
    expect([(await again()).status, (await again()).status]).toEqual([200, 401]);
  });

  it('is accepted once among any number of simultaneous requests', async () => {
    const headers = signedHeaders({ method: 'GET', target: PATH, privateKey });
    const { key } = merchant;
    const all = Array.from({ length: 20 }, () => rig.ask('GET', PATH, { key, headers }));
    const statuses = (await Promise.all(all)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(19);
  });

  it('may use a nonce that another key has used', async () => {
    const nonce = 'the-same-for-both';
    expect((await send('GET', PATH, { nonce })).status).toBe(200);
    merchant = await rig.addMerchant();
    await makeItSign(digestOfKey(merchant.key));
    expect((await send('GET', PATH, { nonce })).status).toBe(200);
  });

  it('uses up no nonce with a wrong signature', async () => {
    const nonce = 'used-by-a-stranger';
    const stranger = generateKeyPairSync('ed25519').privateKey;
    expect((await send('GET', PATH, { nonce, privateKey: stranger })).status).toBe(401);
    expect((await send('GET', PATH, { nonce })).status).toBe(200);
  });

  it('uses up no nonce with a request over its limit', async () => {
    await rig.pool.query('UPDATE api_keys SET requests_per_second = 1 WHERE merchant_id = $1', [
      merchant.id,
    ]);
    const sent = () => signedHeaders({ method: 'GET', target: PATH, privateKey });
    const { key } = merchant;
    const refused = await eventually(async () => {
      const headers = sent();
      await rig.ask('GET', PATH, { key, headers: sent() });
      expect((await rig.ask('GET', PATH, { key, headers })).status).toBe(429);
      return headers;
    });
    await eventually(async () =>
      expect((await rig.ask('GET', PATH, { key, headers: refused })).status).toBe(200),
    );
  });

  it('stores no nonce in clear', async () => {
    const nonce = '4936718596376804';
    expect((await send('GET', PATH, { nonce })).status).toBe(200);
    const { rows } = await rig.pool.query<{ row: string }>(
      'SELECT n::text AS row FROM signature_nonces n',
    );
    expect(rows.length).toBeGreaterThan(0);
    const hex = Buffer.from(nonce).toString('hex');
    expect(rows.map(({ row }) => row).join('\n')).not.toMatch(new RegExp(`${nonce}|${hex}`));
  });
});

describe('a digest without a signature', () => {
  it.each([
    ['fits', (body: string) => digestHeader(body), 202],
    ['does not match', (body: string) => digestHeader(`${body} `), 400],
    ['has an unknown algorithm', () => 'md5=:AAAA:', 400],
  ])('that %s is checked as well', async (_, digestOf, status) => {
    const other = await rig.addMerchant();
    const body = JSON.stringify(aRequest());
    const headers = { 'content-digest': digestOf(body) };
    expect((await rig.ask('POST', PATH, { key: other.key, body, headers })).status).toBe(status);
  });
});

describe('a caller that disconnects before its body is complete', () => {
  it('leaves no pending digest check behind', async () => {
    const other = await rig.addMerchant();
    const head = [
      `POST ${PATH} HTTP/1.1`,
      'host: x',
      `authorization: Bearer ${other.key}`,
      'content-type: application/json',
      `content-digest: ${digestHeader('{}')}`,
      'content-length: 20000',
      'expect: 100-continue',
    ];
    const socket = connect(Number(new URL(rig.url).port), '127.0.0.1', () =>
      socket.write(`${head.join('\r\n')}\r\n\r\n{`),
    );
    const before = rig.logged.length;
    // The server has sent 100 Continue, so it is reading the body.
    socket.once('data', () => socket.destroy());
    const refused = await eventually(() => {
      const lines = rig.logged.slice(before).map((line) => JSON.parse(line) as object);
      const line = lines.find((each) => 'status' in each && each.status === 400);
      if (line === undefined) throw new Error('not rejected yet');
      return line;
    });
    expect(refused).toMatchObject({ route: PATH, level: 'debug' });
  });
});

describe('a body', () => {
  it('that nests too deep is rejected before it is parsed', async () => {
    const other = await rig.addMerchant();
    const body = `{"metadata":${'['.repeat(30_000)}${']'.repeat(30_000)}}`;
    const answer = await rig.ask('POST', PATH, { key: other.key, body });
    expect(answer).toMatchObject({ status: 400, body: { code: 'unreadable_request' } });
    expect(answer.body['detail']).toContain('20 levels');
  });
});
