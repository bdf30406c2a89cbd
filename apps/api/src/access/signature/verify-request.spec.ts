// Goal: only recent, unchanged requests signed by the holder of the key are accepted. Method: the
// example of the RFC, and a table of faults and of changes on the way.
import { generateKeyPairSync, verify } from 'node:crypto';
import { AccessDenied } from '@quittance/platform';
import fc from 'fast-check';
import { digestHeader, type SigningOptions, signedHeaders } from '../../../test/signed.js';
import { parseSigningKey, signingKeyOf } from '@quittance/api-keys';
import { verifyRequest } from './verify-request.js';
import { signatureBase } from './signature-base.js';
import { statedSignature } from './signature-headers.js';

const NOW = new Date('2026-11-21T10:00:00Z');
const created = NOW.getTime() / 1000;
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const signer = { keyId: 'key_1', signingKey: publicKey, now: NOW };
const BODY = '{"reference":"ORD-1"}';
const TARGET = '/v1/payment-intents?x=1';
const ALL = ['@method', '@path', '@query', 'content-type', 'content-digest'];
const without = (name: string) => ALL.filter((component) => component !== name);
const POST = { method: 'POST', target: TARGET, body: BODY, privateKey, created };

interface Sent {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** Returns the part of a signature that may be used once. */
function signedOnce(options: SigningOptions, sent: Sent = {}) {
  const headers = {
    ...(options.body !== undefined && { 'content-length': String(options.body.length) }),
    ...signedHeaders(options),
    ...sent.headers,
  };
  const { method = options.method, target = options.target } = sent;
  return verifyRequest({ method, target, headers }, signer);
}

function faultOf(options: SigningOptions, sent?: Sent): AccessDenied | undefined {
  try {
    signedOnce(options, sent);
    return undefined;
  } catch (error) {
    if (error instanceof AccessDenied) return error;
    throw error;
  }
}

const outcome = (options: SigningOptions, sent?: Sent) =>
  faultOf(options, sent)?.code ?? 'accepted';

/** RFC 9421, appendix B.1.4 and B.2.6. */
describe('the example of the RFC', () => {
  const key = parseSigningKey(
    '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n-----END PUBLIC KEY-----\n',
  );
  const headers = {
    host: 'example.com',
    date: 'Tue, 20 Apr 2021 02:07:55 GMT',
    'content-type': 'application/json',
    'content-length': '18',
  };
  const input =
    'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"';
  const signature =
    'sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:';

  it('is parsed and verifies', () => {
    const stated = statedSignature(input, signature);
    if (!stated || !key) throw new Error('not parsed');
    const request = { method: 'POST', target: '/foo?param=Value&Pet=dog', headers };
    const base = signatureBase(request, stated.components, stated.parameters) ?? '';
    expect(verify(null, Buffer.from(base), signingKeyOf(key), stated.signature)).toBe(true);
    expect(verify(null, Buffer.from(`${base} `), signingKeyOf(key), stated.signature)).toBe(false);
  });
});

describe('a signed request', () => {
  it.each<[string, SigningOptions]>([
    ['with a body', POST],
    ['without a body', { method: 'GET', target: '/v1/events', privateKey, created }],
    [
      'with more signed components than required',
      {
        ...POST,
        components: [...ALL, 'idempotency', '@authority'],
        headers: { idempotency: 'a', '@authority': 'example.com', host: 'example.com' },
      },
    ],
    [
      'with all parameters',
      { ...POST, parameters: `;keyid="key_1";alg="ed25519";expires=${created + 9}` },
    ],
    ['at the edge of the window', { ...POST, created: created - 300 }],
    ['from a clock that is ahead', { ...POST, created: created + 300 }],
  ])('%s is accepted', (_, options) => expect(outcome(options)).toBe('accepted'));

  const other = generateKeyPairSync('ed25519').privateKey;
  it.each<[string, SigningOptions, Sent?]>([
    ['with another key', { ...POST, privateKey: other }],
    ['too long ago', { ...POST, created: created - 301 }],
    ['in the future', { ...POST, created: created + 301 }],
    ['that expires now', { ...POST, parameters: `;expires=${created}` }],
    ['by another algorithm', { ...POST, parameters: ';alg="hmac-sha256"' }],
    ['under the name of another key', { ...POST, parameters: ';keyid="key_2"' }],
    ['with created twice', { ...POST, parameters: `;created=${created}` }],
    ['with a nonce that is not a string', { ...POST, nonce: null, parameters: ';nonce=x' }],
    ['with a nonce that is a number', { ...POST, nonce: null, parameters: ';nonce=1234567890' }],
    ['with a nonce twice', { ...POST, parameters: `;nonce="${'a'.repeat(20)}"` }],
    ['with a nonce that is too short', { ...POST, nonce: 'a'.repeat(15) }],
    ['with a nonce that is too long', { ...POST, nonce: 'a'.repeat(129) }],
    ['with a space in its nonce', { ...POST, nonce: `${'a'.repeat(20)} b` }],
    ['without a nonce', { ...POST, nonce: null }],
    ['with an expiry that is a string', { ...POST, parameters: `;expires="${created + 9}"` }],
    ['with an expiry with a leading zero', { ...POST, parameters: `;expires=0${created + 9}` }],
    ['with a keyid that is a number', { ...POST, parameters: ';keyid=1' }],
    ['with an alg that is a number', { ...POST, parameters: ';alg=1' }],
    ['with an unknown parameter', { ...POST, parameters: ';x="1"' }],
    ['but not its method', { ...POST, components: without('@method') }],
    ['but not its path', { ...POST, components: without('@path') }],
    ['but not its query', { ...POST, components: without('@query') }],
    ['but not its body', { ...POST, components: without('content-digest') }],
    ['but not its content type', { ...POST, components: without('content-type') }],
    ['with a component twice', { ...POST, components: ['@method', ...ALL] }],
    ['with an unsupported component', { ...POST, components: [...ALL, '@target-uri'] }],
    ['with a missing field', { ...POST, components: [...ALL, 'x-none'] }],
    ['and sent with another method', POST, { method: 'PUT' }],
    ['and sent to another path', POST, { target: '/v1/payment-intents/?x=1' }],
    ['and sent with another content type', POST, { headers: { 'content-type': 'text/plain' } }],
    ['and sent without a content type', POST, { headers: { 'content-type': undefined } }],
    ['and sent without its query', POST, { target: '/v1/payment-intents' }],
    ['and sent with another query', POST, { target: '/v1/payment-intents?x=2' }],
    ['with an unsupported digest', { ...POST, headers: { 'content-digest': 'md5=:AAAA:' } }],
    [
      'without a body, and sent with one',
      { method: 'POST', target: TARGET, privateKey, created },
      { headers: { 'transfer-encoding': 'chunked' } },
    ],
    ['in two signatures', POST, { headers: { signature: 'a=:AAAA:, b=:AAAA:' } }],
    ['under another label', POST, { headers: { signature: `other=:${'A'.repeat(86)}==:` } }],
    ['with an empty signature', POST, { headers: { signature: 'sig=::' } }],
  ])('%s is rejected', (...[, options, sent]) =>
    expect(outcome(options, sent)).toBe('signature_invalid'),
  );

  it.each(['signature', 'signature-input'])('without %s gets a message about it', (name) => {
    expect(outcome(POST, { headers: { [name]: undefined } })).toBe('signature_required');
  });

  it.each<[string, SigningOptions]>([
    ...ALL.map((name): [string, SigningOptions] => [name, { ...POST, components: without(name) }]),
    ['nonce', { ...POST, nonce: null }],
  ])('without %s is rejected with its name', (name, options) => {
    expect(faultOf(options)?.detail).toContain(name);
  });

  it('yields its nonce and the end of its validity', () => {
    const nonce = 'n'.repeat(16);
    expect(signedOnce({ ...POST, nonce, created: created - 10 })).toEqual({
      nonce,
      validUntil: new Date((created + 290) * 1000),
    });
  });

  it('is rejected when any part belongs to another request', () => {
    const method = fc.constantFrom('POST', 'PUT', 'GET', 'DELETE');
    const text = fc.stringMatching(/^[a-z0-9]{1,6}$/);
    const target = fc.tuple(text, text).map(([path, query]) => `/v1/${path}?x=${query}`);
    const parts = fc.record({ method, target, body: text, type: fc.constantFrom('json', 'xml') });
    const headersOf = ({ body, type }: { body: string; type: string }) => ({
      'content-type': `application/${type}`,
      'content-digest': digestHeader(body),
    });
    fc.assert(
      fc.property(parts, parts, (signed, sent) => {
        const { method: verb, target: address, body } = signed;
        const options = { method: verb, target: address, body, privateKey, created };
        const change = { method: sent.method, target: sent.target, headers: headersOf(sent) };
        const isSame = JSON.stringify(signed) === JSON.stringify(sent);
        const expected = isSame ? 'accepted' : 'signature_invalid';
        expect(outcome({ ...options, headers: headersOf(signed) }, change)).toBe(expected);
        const itself = { headers: headersOf(signed) };
        expect(outcome({ ...options, headers: headersOf(signed) }, itself)).toBe('accepted');
      }),
    );
  });

  it('is rejected when any signed character is changed', () => {
    const parts: Readonly<Record<string, string>> = {
      ...signedHeaders(POST),
      target: TARGET,
      'content-length': String(BODY.length),
    };
    const accepted: string[] = [];
    const signed = ['target', 'content-type', 'content-digest', 'signature-input', 'signature'];
    for (const name of signed) {
      const original = parts[name] ?? '';
      for (let at = 0; at < original.length; at += 1) {
        const letter = original[at] === 'x' ? 'y' : 'x';
        const text = original.slice(0, at) + letter + original.slice(at + 1);
        const { target = '', ...headers } = { ...parts, [name]: text };
        try {
          verifyRequest({ method: 'POST', target, headers }, signer);
          accepted.push(`${name} at ${at}`);
        } catch (error) {
          expect(error).toMatchObject({ code: 'signature_invalid' });
        }
      }
    }
    expect(accepted).toEqual([]);
  });
});

describe('a public key', () => {
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);

  it('is parsed from PEM and from base64', () => {
    const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
    expect(parseSigningKey(pem)).toEqual(raw);
    expect(parseSigningKey(` ${raw.toString('base64')}\n`)).toEqual(raw);
    expect(signingKeyOf(raw).equals(publicKey)).toBe(true);
  });

  it.each([
    ['a private key', privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()],
    [
      'a key of another kind',
      generateKeyPairSync('ec', { namedCurve: 'P-256' })
        .publicKey.export({ format: 'pem', type: 'spki' })
        .toString(),
    ],
    ['31 bytes', Buffer.alloc(31).toString('base64')],
    ['plain text', 'my key'],
    ['nothing', ''],
  ])('is not %s', (_, text) => expect(parseSigningKey(text)).toBeUndefined());
});
