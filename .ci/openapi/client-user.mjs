// A caller of the packed client, for Node and Bun: encrypts a card, signs the request, and reads an
// error by its code. A stub takes the place of the API.
import { isQuittanceError, Quittance } from '@quittance/client';
import { equal, match, ok } from 'node:assert/strict';
import { generateKeyPairSync, sign, verify } from 'node:crypto';

const cardKey = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
const signingKey = generateKeyPairSync('ed25519');
const requests = [];

/** Answers the request for the card key, refuses each payment, and remembers it. */
async function fetch(url, { headers, body }) {
  if (url.pathname === '/.well-known/jwks.json')
    return Response.json({ keys: [{ ...cardKey, kid: 'card_1', use: 'enc' }] });
  requests.push({ headers, body: JSON.parse(body) });
  const problem = { status: 422, code: 'validation_failed', detail: 'The amount is not one.' };
  return Response.json({ ...problem, errors: [{ path: 'amount' }] }, { status: 422 });
}

const quittance = new Quittance({
  baseUrl: 'http://127.0.0.1',
  apiKey: 'qk_1',
  signingKey: signingKey.privateKey.export({ format: 'pem', type: 'pkcs8' }),
  signingKeyId: 'key_1',
  fetch,
});
const payment = { reference: 'ORD-1', card: { number: '4012000033330026', cvv: '123' } };

const error = await quittance.payments.create(payment).catch((reason) => reason);
ok(isQuittanceError(error) && error.code === 'validation_failed');
equal(error.errors[0].path, 'amount');
const [{ headers, body }] = requests;
match(body.card_jwe, /^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/);
equal(body.card, undefined);
match(headers['signature-input'], /^sig=\("@method" "@path" "@query" "content-type"/);

const job = await quittance.payments.publish({ add: async (_name, { jws }) => jws }, payment);
const [header, payload, signature] = job.split('.');
const signed = Buffer.from(`${header}.${payload}`);
ok(verify(null, signed, signingKey.publicKey, Buffer.from(signature, 'base64url')));
ok(sign(null, signed, signingKey.privateKey).equals(Buffer.from(signature, 'base64url')));
