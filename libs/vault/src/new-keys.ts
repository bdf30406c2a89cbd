// Generates keys: one for a rotation, or the key sets of a new installation, in which each process
// has only the keys it needs.
import { randomBytes } from 'node:crypto';
import type { Jwk, KeyPurpose } from './key-set.js';
import { KEY_DISTRIBUTION, KEY_SET_HOLDERS, type KeySetHolder } from './key-distribution.js';
import { generateOkp } from './generate-okp.js';

/** A key set as its file contains it; `parseKeySet` reads it. */
export type KeySetJson = Partial<Readonly<Record<KeyPurpose, readonly Jwk[]>>>;

/** One key set per kind of process. */
export type KeySets = Readonly<Record<KeySetHolder, KeySetJson>>;

/**
 * Generates the key sets of all processes. The API only encrypts cards, and the operator's CLI only
 * encrypts secrets of terminals.
 */
export function generateKeySets(): KeySets {
  const purposes = Object.keys(KEY_DISTRIBUTION) as KeyPurpose[];
  const made = purposes.map((purpose) => ({ purpose, key: newKey(purpose) }));
  const keySetOf = (holder: KeySetHolder): KeySetJson => {
    const lists = made.flatMap(({ purpose, key }) => {
      const { openers, makers } = KEY_DISTRIBUTION[purpose];
      if (openers.includes(holder)) return [[purpose, [key.whole]]];
      return makers.includes(holder) ? [[purpose, [key.forMakers]]] : [];
    });
    return Object.fromEntries(lists) as KeySetJson;
  };
  return Object.fromEntries(
    KEY_SET_HOLDERS.map((holder) => [holder, keySetOf(holder)]),
  ) as unknown as KeySets;
}

/**
 * A new key: `whole` for the processes that decrypt, and `forMakers` for those that only encrypt. A
 * symmetric key is the same in both.
 */
export interface NewKey {
  readonly kid: string;
  readonly whole: Jwk;
  readonly forMakers: Jwk;
}

const LABELS: Readonly<Record<KeyPurpose, string>> = {
  cards: 'cards',
  terminalSecrets: 'terminal-secrets',
  dropInSecrets: 'drop-in-secrets',
  callbackTokens: 'callback-tokens',
  returnTokens: 'return-tokens',
};

/**
 * Generates a key: X25519 (RFC 8037) for encryption, 256 random bits for the tokens of callbacks,
 * Ed25519 for the tokens of returning payers.
 */
export function newKey(purpose: KeyPurpose): NewKey {
  const kid = `${LABELS[purpose]}-${randomBytes(4).toString('hex')}`;
  if (purpose === 'callbackTokens') {
    const whole = { kty: 'oct', k: randomBytes(32).toString('base64url'), kid };
    return { kid, whole, forMakers: whole };
  }
  const whole = { ...generateOkp(purpose === 'returnTokens' ? 'Ed25519' : 'X25519').jwk, kid };
  return { kid, whole, forMakers: forMakers(whole) };
}

/** Returns the part of a key that a process needs to encrypt. */
export function forMakers({ d: _private, ...rest }: Jwk): Jwk {
  return rest;
}
