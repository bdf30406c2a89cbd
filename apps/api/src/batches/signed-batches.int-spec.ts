// Goal: a key that signs signs each line of a batch, because there is no body to sign. Method: the
// running api.
import { generateKeyPairSync } from 'node:crypto';
import { digestOfKey } from '@quittance/api-keys';
import { aRequest, type RequestBody } from '../../test/a-request.js';
import { ApiRig, type TestMerchant } from '../../test/api-rig.js';
import { BatchCaller } from '../../test/batch-client.js';
import { signedHeaders, type SigningOptions } from '../../test/signed.js';
import { signedIntent } from '../../../../test/support/signed-intent.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const TARGET = '/v1/payment-intents/batch';
const COMPONENTS = ['@method', '@path', '@query', 'content-type'];

let rig: ApiRig;
let merchant: TestMerchant;
let keyId: string;

beforeAll(async () => {
  rig = await ApiRig.start();
});
afterAll(() => rig.stop());
beforeEach(async () => {
  merchant = await rig.addMerchant();
  keyId = await makeItSign(merchant.key);
});

async function makeItSign(key: string): Promise<string> {
  const { rows } = await rig.pool.query<{ id: string }>(
    'UPDATE api_keys SET signing_public_key = $2 WHERE secret_sha256 = $1 RETURNING id',
    [digestOfKey(key), publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)],
  );
  return rows[0]?.id ?? '';
}

const signer = () => ({ keyId, privateKey });
const line = (reference: string) => ({ jws: signedIntent(aRequest({ reference }), signer()) });

/** Calls with a signed head. `signing` changes the signature, `sent` the headers after it. */
function call(
  lines: readonly RequestBody[],
  signing: Partial<SigningOptions> = {},
  sent: Readonly<Record<string, string>> = {},
) {
  const headers = signedHeaders({
    method: 'POST',
    target: TARGET,
    privateKey,
    components: COMPONENTS,
    ...signing,
    headers: { 'content-type': 'application/x-ndjson', ...signing.headers },
  });
  return new BatchCaller(rig.url, merchant.key, { ...headers, ...sent }).send(...lines).whole();
}

it('accepts lines that the key has signed, and refuses every other one by itself', async () => {
  const other = generateKeyPairSync('ed25519').privateKey;
  const foreign = await rig.addMerchant();
  const foreignId = await makeItSign(foreign.key);
  const body = aRequest({ reference: 'X' });
  const { outcomes } = await call([
    line('S-1'),
    body,
    { jws: signedIntent(body, { keyId, privateKey: other }) },
    { jws: signedIntent(body, { keyId: foreignId, privateKey }) },
    { jws: signedIntent(body, signer()), amount: '1.00' },
    { jws: signedIntent({ ...body, amount: 'x' }, signer()) },
    line('S-1'),
    line('S-2'),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual([202, 422, 401, 401, 422, 422, 200, 202]);
  expect(outcomes[3]?.problem).toMatchObject({ code: 'signature_invalid' });
  const accepted = 'SELECT count(*) FROM payment_intents WHERE merchant_id = $1';
  expect(await rig.count(accepted, [merchant.id])).toBe(2);
  expect(await rig.count(accepted, [foreign.id])).toBe(0);
});

it('of lines with one reference the first makes the payment, although each is verified', async () => {
  const amounts = Array.from({ length: 30 }, (_, at) => `3.${10 + at}`);
  const { outcomes } = await call(
    amounts.map((amount) => ({
      jws: signedIntent(aRequest({ reference: 'SAME', amount }), signer()),
    })),
  );
  expect(outcomes.map(({ status }) => status)).toEqual([202, ...amounts.slice(1).map(() => 409)]);
});

it('needs a signed head, with the headers that number the lines', async () => {
  const lines = [line('H-1')];
  const named = { 'batch-id': 'signed' };
  const all = [...COMPONENTS, 'batch-id'];
  expect(await call(lines, {}, named)).toMatchObject({ status: 401 });
  expect(await call(lines, { headers: named, components: all })).toMatchObject({ status: 200 });
  expect(await call(lines, { components: ['@method', '@path', '@query'] })).toMatchObject({
    status: 401,
  });
  const unsigned = new BatchCaller(rig.url, merchant.key).send(...lines);
  expect(await unsigned.whole()).toMatchObject({ status: 401 });
});

it('accepts each head once', async () => {
  const headers = signedHeaders({
    method: 'POST',
    target: TARGET,
    privateKey,
    components: COMPONENTS,
    headers: { 'content-type': 'application/x-ndjson' },
  });
  const once = () => new BatchCaller(rig.url, merchant.key, headers).send(line('N-1')).whole();
  expect(await once()).toMatchObject({ status: 200 });
  expect(await once()).toMatchObject({ status: 401 });
});

it('takes no digest, because it stores lines before it has read the last one', async () => {
  const digest = { 'content-digest': 'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:' };
  const components = [...COMPONENTS, 'content-digest'];
  const answer = await call([line('D-1')], { headers: digest, components });
  expect(answer.status).toBe(400);
});
