// Goal: only unchanged payments that the holder of a valid key signed are accepted, and nothing
// that was sent is repeated. Method: tables of forms, headers, keys and payloads, each with one
// fault, and changes on the way at every place.
import type { StoredApiKey, StoredApiKeys } from '@quittance/persistence';
import { createLogger, Fault, newId, systemClock } from '@quittance/platform';
import fc from 'fast-check';
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { base64url, signedIntent } from '../../../../test/support/signed-intent.js';
import { ApiKeys } from './api-keys.js';
import { JWS_CHARS_MAX } from './signature/compact-jws.js';
import { SignedIntents } from './signed-intents.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
const rawKeyOf = (key: KeyObject) => key.export({ format: 'der', type: 'spki' }).subarray(-32);

const VALID: StoredApiKey = {
  keyId: newId('key'),
  merchantId: 'mer_1',
  holder: null,
  scopes: ['payments:write'],
  expiresAt: null,
  requestsPerSecond: null,
  signingPublicKey: rawKeyOf(publicKey),
};
const signer = { keyId: VALID.keyId, privateKey };
const BODY = { reference: 'ORD-1', metadata: { note: 'Jürgen' } };

/** Opens a JWS where Postgres has one key; it finds no revoked or expired key. */
async function open(jws: unknown, row: Partial<StoredApiKey> | null = {}) {
  const stored = {
    findById: (id: string) =>
      Promise.resolve(row && id === VALID.keyId ? { ...VALID, ...row } : undefined),
  };
  const log = createLogger({ name: 'test', level: 'silent' });
  return new SignedIntents(new ApiKeys(stored as StoredApiKeys, systemClock, log)).open(jws);
}

async function problemOf(jws: unknown, row?: Partial<StoredApiKey> | null) {
  try {
    await open(jws, row);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { status, code, errors = [], detail } = error;
    return { status, code, paths: errors.map(({ path }) => path), detail };
  }
  throw new Error('it was accepted');
}

const signed = signedIntent(BODY, signer);
const [HEADER = '', PAYLOAD = '', SIGNATURE = ''] = signed.split('.');

/** A JWS whose HMAC uses the public key as its secret: the classic confusion of algorithms. */
function signedWithPublicKey(): string {
  const text = `${base64url({ alg: 'HS256', kid: VALID.keyId, typ: 'payment-intent+jws' })}.${PAYLOAD}`;
  const secret = publicKey.export({ format: 'pem', type: 'spki' });
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

/** A valid signature by a stranger, whose public key is in the header. */
function signedByStranger(header: Readonly<Record<string, unknown>>): string {
  return signedIntent(BODY, { keyId: VALID.keyId, privateKey: stranger.privateKey }, header);
}

function signedByRsa(): string {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const text = `${base64url({ alg: 'RS256', kid: VALID.keyId, typ: 'payment-intent+jws' })}.${PAYLOAD}`;
  return `${text}.${sign('sha256', Buffer.from(text), rsa.privateKey).toString('base64url')}`;
}

describe('a signed payment', () => {
  it('is opened as its merchant and body, any number of times', async () => {
    for (const jws of [signed, signed]) {
      const { caller, body } = await open(jws);
      expect([caller.merchantId, caller.keyId, body]).toEqual(['mer_1', VALID.keyId, BODY]);
    }
  });

  it('has as many bytes as a request by HTTP', async () => {
    const note = 'x'.repeat(64 * 1024 - JSON.stringify({ note: '' }).length);
    expect((await open(signedIntent({ note }, signer))).body).toEqual({ note });
    expect(await problemOf(signedIntent({ note: `${note}x` }, signer))).toMatchObject({
      status: 413,
      code: 'payload_too_large',
    });
    expect(await problemOf('x'.repeat(JWS_CHARS_MAX + 1))).toMatchObject({ status: 413 });
  });
});

describe('the form of a JWS', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'signature_required'],
    ['null', null, 'signature_required'],
    ['a number', 1, 'signature_invalid'],
    ['an object', { payload: PAYLOAD, signatures: [] }, 'signature_invalid'],
    ['an empty text', '', 'signature_invalid'],
    ['two parts', `${HEADER}.${PAYLOAD}`, 'signature_invalid'],
    ['four parts', `${signed}.`, 'signature_invalid'],
    ['five parts, as a JWE', `${signed}.a.b`, 'signature_invalid'],
    ['no header', `.${PAYLOAD}.${SIGNATURE}`, 'signature_invalid'],
    ['a detached payload', `${HEADER}..${SIGNATURE}`, 'signature_invalid'],
    ['no signature', `${HEADER}.${PAYLOAD}.`, 'signature_invalid'],
    ['padding', `${HEADER}=.${PAYLOAD}.${SIGNATURE}`, 'signature_invalid'],
    ['a space', ` ${signed}`, 'signature_invalid'],
    ['a line feed', `${signed}\n`, 'signature_invalid'],
    ['plain base64', `${HEADER}.${PAYLOAD}.${'+'.repeat(86)}`, 'signature_invalid'],
    ['a header that is not JSON', `${base64url('{')}.${PAYLOAD}.${SIGNATURE}`, 'signature_invalid'],
    ['a header that is a list', `${base64url([])}.${PAYLOAD}.${SIGNATURE}`, 'signature_invalid'],
    ['a long header', signedIntent(BODY, signer, { pad: 'x'.repeat(512) }), 'signature_invalid'],
  ])('must not be %s', async (_, jws, code) => {
    expect(await problemOf(jws)).toMatchObject({ status: 401, code });
  });
});

describe('the header of a JWS', () => {
  const jwk = stranger.publicKey.export({ format: 'jwk' });
  it.each<[string, string, readonly string[]]>([
    ['alg none', signedIntent(BODY, signer, { alg: 'none' }), ['jws.alg']],
    ['no alg', signedIntent(BODY, signer, { alg: undefined }), ['jws.alg']],
    ['alg of other case', signedIntent(BODY, signer, { alg: 'EDDSA' }), ['jws.alg']],
    ['alg in a list', signedIntent(BODY, signer, { alg: ['EdDSA'] }), ['jws.alg']],
    ['no kid', signedIntent(BODY, signer, { kid: undefined }), ['jws.kid']],
    ['a kid in a list', signedIntent(BODY, signer, { kid: [VALID.keyId] }), ['jws.kid']],
    ['no typ', signedIntent(BODY, signer, { typ: undefined }), ['jws.typ']],
    ['another typ', signedIntent(BODY, signer, { typ: 'JWT' }), ['jws.typ']],
    ['crit', signedIntent(BODY, signer, { crit: ['exp'], exp: 1 }), ['jws.…']],
    ['b64 false', signedIntent(BODY, signer, { b64: false, crit: ['b64'] }), ['jws.…']],
    ['jwk', signedByStranger({ jwk }), ['jws.…']],
    ['jku', signedByStranger({ jku: 'https://evil.example/jwks.json' }), ['jws.…']],
    ['x5c', signedByStranger({ x5c: [base64url('certificate')] }), ['jws.…']],
    ['x5u', signedByStranger({ x5u: 'https://evil.example/x5u' }), ['jws.…']],
    ['zip', signedIntent(BODY, signer, { zip: 'DEF' }), ['jws.…']],
    [
      '__proto__',
      `${base64url('{"alg":"EdDSA","kid":"k","typ":"payment-intent+jws","__proto__":{}}')}.${PAYLOAD}.${SIGNATURE}`,
      ['jws.…'],
    ],
    [
      'every fault at once',
      signedIntent(BODY, signer, { alg: 'none', kid: 1, typ: 1, crit: [] }),
      ['jws.alg', 'jws.kid', 'jws.typ', 'jws.…'],
    ],
  ])('must not have %s', async (_, jws, paths) => {
    expect(await problemOf(jws)).toMatchObject({ status: 401, code: 'signature_invalid', paths });
  });

  it('cannot choose the algorithm', async () => {
    for (const jws of [signedWithPublicKey(), signedByRsa()]) {
      expect(await problemOf(jws)).toMatchObject({ status: 401, code: 'signature_invalid' });
    }
  });
});

describe('the key of a JWS', () => {
  const REFUSED = { status: 401, code: 'unauthenticated' };
  it.each<[string, Partial<StoredApiKey> | null, object]>([
    ['unknown, or revoked', null, REFUSED],
    ['expired', { expiresAt: new Date(Date.now() - 1) }, REFUSED],
    ['without a public key', { signingPublicKey: null }, REFUSED],
    ['without the scope', { scopes: ['payments:read'] }, { status: 403, code: 'forbidden' }],
    [
      'of an operator',
      { merchantId: null, scopes: ['ops:write'] },
      { status: 403, code: 'forbidden' },
    ],
    [
      'of another pair',
      { signingPublicKey: rawKeyOf(stranger.publicKey) },
      { status: 401, code: 'signature_invalid' },
    ],
  ])('must not be %s', async (_, row, problem) => {
    expect(await problemOf(signed, row)).toMatchObject(problem);
  });

  it.each(['', 'x', `${VALID.keyId} `, `' OR 1=1`, 'key_00000000000000000000000000'])(
    'is not found by the id %j',
    async (keyId) => {
      expect(await problemOf(signedIntent(BODY, { keyId, privateKey }))).toMatchObject(REFUSED);
    },
  );

  it('of a stranger gives the same response whether the id exists or cannot sign', async () => {
    const other = signedIntent(BODY, { keyId: newId('key'), privateKey: stranger.privateKey });
    expect(await problemOf(other)).toEqual(await problemOf(signed, { signingPublicKey: null }));
  });
});

describe('the payload of a JWS', () => {
  it.each<[string, unknown]>([
    ['no JSON', '{'],
    ['a list', []],
    ['a text', '"ORD-1"'],
    ['null', 'null'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['a member __proto__', '{"__proto__":{"reference":"ORD-1"}}'],
    ['thousands of levels', '['.repeat(5_000) + ']'.repeat(5_000)],
  ])('must not be %s', async (_, payload) => {
    const problem = await problemOf(signedIntent(payload, signer));
    expect(problem).toMatchObject({ status: 400, code: 'unreadable_request' });
  });

  it('cannot be changed on the way, nor the header, nor the signature', async () => {
    const places = fc.nat(signed.length - 1);
    const characters = fc.constantFrom(...Array.from('ABCDwxyz0189-_.=+ '));
    await fc.assert(
      fc.asyncProperty(places, characters, async (place, character) => {
        fc.pre(signed[place] !== character);
        const changed = `${signed.slice(0, place)}${character}${signed.slice(place + 1)}`;
        expect((await problemOf(changed)).status).toBe(401);
      }),
    );
  });

  it('is never repeated in a problem', async () => {
    const secret = 'SECRET-VALUE';
    const jws = [
      signedIntent({ secret }, { keyId: secret, privateKey }, { alg: secret, [secret]: 1 }),
      signedIntent({ secret }, { keyId: VALID.keyId, privateKey: stranger.privateKey }),
      signedIntent(secret, signer),
      secret,
    ];
    for (const one of jws) expect(JSON.stringify(await problemOf(one))).not.toContain(secret);
  });
});
