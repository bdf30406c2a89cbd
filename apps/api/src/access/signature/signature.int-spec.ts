// Goal: a key that demands signatures gets in with them only, and what was signed is what is read. Method: the running api.
import { generateKeyPairSync } from 'node:crypto';
import { connect } from 'node:net';
import { eventually } from '../../../../../test/support/eventually.js';
import { aRequest } from '../../../test/a-request.js';
import { ApiRig, type TestMerchant } from '../../../test/api-rig.js';
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
  await rig.pool.query('UPDATE api_keys SET signing_public_key = $2 WHERE merchant_id = $1', [
    merchant.id,
    publicKey.export({ format: 'der', type: 'spki' }).subarray(-32),
  ]);
});

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

describe('a key that signs', () => {
  it('accepts a signed payment, and reads it with a signed request', async () => {
    const body = JSON.stringify(aRequest());
    const created = await send('POST', PATH, { body });
    expect(created.status).toBe(202);
    const read = await send('GET', `${PATH}/${String(created.body['id'])}?version=0`);
    expect(read.status).toBe(200);
    expect((await send('POST', `${PATH}/${String(created.body['id'])}/cancel`)).status).toBe(200);
  });

  it('gets 401 without a signature, with word of how to sign, and nothing is stored', async () => {
    const answer = await rig.create(merchant);
    expect(answer).toMatchObject({ status: 401, body: { code: 'signature_required' } });
    expect(answer.headers.get('accept-signature')).toContain('alg="ed25519"');
    const stored = 'SELECT count(*) FROM payment_intents WHERE merchant_id = $1';
    expect(await rig.count(stored, [merchant.id])).toBe(0);
    expect((await rig.ask('GET', '/v1/events', { key: merchant.key })).status).toBe(401);
    expect((await rig.ask('GET', '/ops/queues', { key: merchant.key })).status).toBe(401);
  });

  it('cannot have its body exchanged', async () => {
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
  ])('cannot have its body exchanged for %s', async (_, type, other) => {
    const body = JSON.stringify(aRequest({ amount: '1.00' }));
    const headers = { ...signedHeaders({ method: 'POST', target: PATH, privateKey, body }) };
    const sent = { ...headers, 'content-type': type };
    const { key } = merchant;
    const answer = await rig.ask('POST', PATH, { key, body: other, headers: sent });
    expect(answer.status).toBe(415);
    const stored = 'SELECT count(*) FROM payment_intents WHERE merchant_id = $1';
    expect(await rig.count(stored, [merchant.id])).toBe(0);
  });

  it('cannot have a signed request without a body sent with one', async () => {
    const answer = await send('POST', PATH, {}, { body: JSON.stringify(aRequest()) });
    expect(answer).toMatchObject({ status: 401, body: { code: 'signature_invalid' } });
  });

  it('is refused with a signature that is too old', async () => {
    const created = Math.floor(Date.now() / 1000) - 400;
    const answer = await send('GET', PATH, { created });
    expect(answer).toMatchObject({ status: 401, body: { code: 'signature_invalid' } });
    expect(JSON.stringify(answer.body)).not.toContain(String(created));
  });

  it('does nothing twice when a request is sent again within the window', async () => {
    const body = JSON.stringify(aRequest());
    const headers = signedHeaders({ method: 'POST', target: PATH, privateKey, body });
    const again = () => rig.ask('POST', PATH, { key: merchant.key, body, headers });
    const [first, second] = [await again(), await again()];
    expect([first.status, second.status]).toEqual([202, 200]);
    expect(second.body['id']).toBe(first.body['id']);
  });
});

describe('a digest without a signature', () => {
  it.each([
    ['fits', (body: string) => digestHeader(body), 202],
    ['does not fit', (body: string) => digestHeader(`${body} `), 400],
    ['is of a kind we do not know', () => 'md5=:AAAA:', 400],
  ])('that %s is checked all the same', async (_, digestOf, status) => {
    const other = await rig.addMerchant();
    const body = JSON.stringify(aRequest());
    const headers = { 'content-digest': digestOf(body) };
    expect((await rig.ask('POST', PATH, { key: other.key, body, headers })).status).toBe(status);
  });
});

describe('a caller that goes away before its body is there', () => {
  it('leaves nothing that waits for the rest of a digest', async () => {
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
    // It was asked to go on, so that it is being read.
    socket.once('data', () => socket.destroy());
    const refused = await eventually(() => {
      const lines = rig.logged.slice(before).map((line) => JSON.parse(line) as object);
      const line = lines.find((each) => 'status' in each && each.status === 400);
      if (line === undefined) throw new Error('not refused yet');
      return line;
    });
    expect(refused).toMatchObject({ route: PATH, level: 'debug' });
  });
});

describe('a body', () => {
  it('that nests too deep is refused before it is read', async () => {
    const other = await rig.addMerchant();
    const body = `{"metadata":${'['.repeat(30_000)}${']'.repeat(30_000)}}`;
    const answer = await rig.ask('POST', PATH, { key: other.key, body });
    expect(answer).toMatchObject({ status: 400, body: { code: 'unreadable_request' } });
    expect(answer.body['detail']).toContain('20 levels');
  });
});
