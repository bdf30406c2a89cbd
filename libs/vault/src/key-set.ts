// Parses the key set of one process: JSON of the form `{ "cards": JWK[], "terminalSecrets": JWK[],
// "dropInSecrets": JWK[], "callbackTokens": JWK[], "returnTokens": JWK[] }`. Each process gets its
// own key set, with private keys only where it decrypts or signs. The first key of a list is
// active. The others are retired or prepared: they decrypt and verify existing messages, and
// encrypt and sign none.
import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import type { JWK } from 'jose';
import { type OpenJwe, openWith } from './open-jwe.js';

/**
 * The lists of a key set. `callbackTokens` hold HMAC keys, `returnTokens` Ed25519 pairs, the others
 * X25519 pairs.
 */
export type KeyPurpose =
  'cards' | 'terminalSecrets' | 'dropInSecrets' | 'callbackTokens' | 'returnTokens';

/**
 * An X25519 key. The public half encrypts; the private half, where the process may use it,
 * decrypts.
 */
export interface SealingKey {
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly open: OpenJwe | undefined;
}

/** A key for HMAC-SHA-256. */
export interface TokenKey {
  readonly kid: string;
  readonly secret: KeyObject;
}

/** An Ed25519 key; `jwk` is its public half (RFC 8037). */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly jwk: { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string };
}

/**
 * A parsed key set. The first key of each list is active; lists that a process does not use are
 * empty. An abstract class, so that Nest can inject it by type; any object of this shape is one.
 */
export abstract class KeySet {
  abstract readonly cards: readonly SealingKey[];
  abstract readonly terminalSecrets: readonly SealingKey[];
  abstract readonly dropInSecrets: readonly SealingKey[];
  abstract readonly callbackTokens: readonly TokenKey[];
  abstract readonly returnTokens: readonly SigningKey[];
}

/** An invalid key set. The message names the list, the position and the fault, never the key. */
export class KeySetError extends Error {
  override readonly name = 'KeySetError';
}

/** A JSON Web Key as a key set contains it. */
export type Jwk = Readonly<Record<string, unknown>>;

const SEALING = ['cards', 'terminalSecrets', 'dropInSecrets'] as const;
const PURPOSES = [
  ...SEALING,
  'callbackTokens',
  'returnTokens',
] as const satisfies readonly KeyPurpose[];

/**
 * HMAC-SHA-256 gains nothing from a longer key and loses strength with a shorter one (RFC 2104 §3).
 */
const TOKEN_KEY_BYTES = 32;

/** Parses a key set. Throws {@link KeySetError}. */
export function parseKeySet(json: string): KeySet {
  const lists = parseObject(json);
  const known: readonly string[] = PURPOSES;
  const unknown = Object.keys(lists).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new KeySetError(`a key set has the lists ${PURPOSES.join(', ')}, and nothing else`);
  }
  return {
    cards: parseList(lists, 'cards', parseSealingKey),
    terminalSecrets: parseList(lists, 'terminalSecrets', parseSealingKey),
    dropInSecrets: parseList(lists, 'dropInSecrets', parseSealingKey),
    callbackTokens: parseList(lists, 'callbackTokens', parseTokenKey),
    returnTokens: parseList(lists, 'returnTokens', parseSigningKey),
  };
}

/** Returns the active key of a list. Throws {@link KeySetError} when this process has none. */
export function activeKey<K>(keys: readonly K[], purpose: KeyPurpose): K {
  const key = keys[0];
  if (key === undefined) throw new KeySetError(`this process has no ${purpose} key`);
  return key;
}

function parseObject(json: string): Jwk {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    // The parser's error quotes the text, which holds keys.
    throw new KeySetError('the key set is not JSON');
  }
  if (!isObject(parsed)) throw new KeySetError('the key set is not a JSON object');
  return parsed;
}

function parseList<K extends { readonly kid: string }>(
  lists: Jwk,
  purpose: KeyPurpose,
  parseKey: (jwk: Jwk, where: string) => K,
): readonly K[] {
  const list = lists[purpose] ?? [];
  if (!Array.isArray(list)) throw new KeySetError(`${purpose} is not a list`);
  const keys = list.map((jwk: unknown, index) => {
    const where = `${purpose}[${index}]`;
    if (!isObject(jwk)) throw new KeySetError(`${where} is not a JSON Web Key`);
    return parseKey(jwk, where);
  });
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length) {
    throw new KeySetError(`${purpose} has two keys with one kid`);
  }
  if ((list[0] as Jwk | undefined)?.['prepared'] === true) {
    throw new KeySetError(`${purpose}[0] is only prepared; "keys rotate" makes it active`);
  }
  return keys;
}

function parseSealingKey(jwk: Jwk, where: string): SealingKey {
  const kid = parseKid(jwk, where);
  const { kty, crv, x, d } = jwk;
  if (kty !== 'OKP' || crv !== 'X25519' || typeof x !== 'string') {
    throw new KeySetError(`${where} is not an OKP key on X25519`);
  }
  const isPair = d === undefined || typeof d === 'string';
  const pair = isPair && importPair(d === undefined ? { kty, crv, x } : { kty, crv, x, d });
  if (!pair) throw new KeySetError(`${where} (kid ${kid}) is not a valid X25519 key`);
  const { publicKey, privateKey } = pair;
  return { kid, publicKey, open: privateKey && openWith(privateKey) };
}

/**
 * Imports both halves of a key, the private one only if it is given. Returns `undefined` if they
 * are invalid or do not match.
 */
function importPair(
  jwk: JsonWebKey,
): { readonly publicKey: KeyObject; readonly privateKey: KeyObject | undefined } | undefined {
  const { d, ...publicJwk } = jwk;
  try {
    const publicKey = createPublicKey({ key: publicJwk, format: 'jwk' });
    if (d === undefined) return { publicKey, privateKey: undefined };
    const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
    // OpenSSL does not check that a private key matches its public half.
    const isPair = createPublicKey(privateKey).equals(publicKey);
    return isPair ? { publicKey, privateKey } : undefined;
  } catch {
    return undefined;
  }
}

function parseTokenKey(jwk: Jwk, where: string): TokenKey {
  const kid = parseKid(jwk, where);
  const { kty, k } = jwk;
  if (kty !== 'oct' || typeof k !== 'string') throw new KeySetError(`${where} is not an oct key`);
  const secret = Buffer.from(k, 'base64url');
  if (secret.length !== TOKEN_KEY_BYTES) {
    throw new KeySetError(`${where} (kid ${kid}) is not ${TOKEN_KEY_BYTES} bytes long`);
  }
  return { kid, secret: createSecretKey(secret) };
}

function parseSigningKey(jwk: Jwk, where: string): SigningKey {
  const kid = parseKid(jwk, where);
  const { kty, crv, x, d } = jwk;
  if (kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string' || typeof d !== 'string') {
    throw new KeySetError(`${where} is not an OKP key on Ed25519 with its private half`);
  }
  const privateKey = importPair({ kty, crv, x, d })?.privateKey;
  if (!privateKey) throw new KeySetError(`${where} (kid ${kid}) is not a valid Ed25519 key`);
  return { kid, privateKey, jwk: { kty, crv, x } };
}

function parseKid(jwk: Jwk, where: string): string {
  const { kid } = jwk;
  if (typeof kid !== 'string' || !/^[\w.-]{1,64}$/.test(kid)) {
    throw new KeySetError(`${where} has no kid of 1 to 64 letters, digits, '_', '-' or '.'`);
  }
  return kid;
}

function isObject(value: unknown): value is Jwk {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Returns a key set that reads `current` on every access, so that its holder uses a rotated key at
 * once.
 */
export function liveKeySet(current: () => KeySet): KeySet {
  return {
    get cards() {
      return current().cards;
    },
    get terminalSecrets() {
      return current().terminalSecrets;
    },
    get dropInSecrets() {
      return current().dropInSecrets;
    },
    get callbackTokens() {
      return current().callbackTokens;
    },
    get returnTokens() {
      return current().returnTokens;
    },
  };
}

/** The kids of the keys that a process has; the first of each list is active. */
export type KeyNames = Readonly<Record<keyof KeySet, readonly string[]>>;

export function keyNames(keys: KeySet): KeyNames {
  const kids = (purpose: KeyPurpose) => keys[purpose].map(({ kid }) => kid);
  return {
    cards: kids('cards'),
    terminalSecrets: kids('terminalSecrets'),
    dropInSecrets: kids('dropInSecrets'),
    callbackTokens: kids('callbackTokens'),
    returnTokens: kids('returnTokens'),
  };
}

/**
 * Parses a key set that replaces another one in a running process. Throws {@link KeySetError} for
 * an invalid one, and for one that would leave the process without any key of a list, or with only
 * the public half of a key that it uses to decrypt: no rotation does that.
 */
export function parseNextKeySet(json: string, before: KeySet | undefined): KeySet {
  const next = parseKeySet(json);
  if (!before) return next;
  for (const name of PURPOSES) {
    if (before[name].length > 0 && next[name].length === 0)
      throw new KeySetError(`${name} no longer has a key`);
  }
  for (const name of SEALING) {
    if (before[name].some(({ open }) => open) && !next[name].every(({ open }) => open))
      throw new KeySetError(`${name} has a key without its private half`);
  }
  return next;
}

/**
 * Returns a JWK Set (RFC 7517 §5): the active cards key alone, so that no caller encrypts for a
 * retired one, and then every key that has signed or will sign the tokens of returning payers. It
 * never contains a private half or a key of another purpose.
 */
export function publicJwks(keys: KeySet): { readonly keys: readonly JWK[] } {
  const cards = keys.cards.slice(0, 1).map(({ kid, publicKey }) => {
    const { x = '' } = publicKey.export({ format: 'jwk' });
    return { kty: 'OKP', crv: 'X25519', x, kid, use: 'enc', alg: 'ECDH-ES' };
  });
  const returns = keys.returnTokens.map(({ kid, jwk }) => ({
    ...jwk,
    kid,
    use: 'sig',
    alg: 'EdDSA',
  }));
  return { keys: [...cards, ...returns] };
}
