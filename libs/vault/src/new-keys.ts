// New keys: one for a rotation, or a whole set-up, split so that each process holds what it needs
// and nothing more.
import { randomBytes } from 'node:crypto';
import type { Jwk, KeyPurpose } from './key-set.js';
import { KEY_DISTRIBUTION, KEY_SET_HOLDERS, type KeySetHolder } from './key-distribution.js';
import { generateX25519 } from './generate-x25519.js';

/** A key set as it is written to a file; `parseKeySet` reads it. */
export type KeySetJson = Partial<Readonly<Record<KeyPurpose, readonly Jwk[]>>>;

/** One key set per kind of process. */
export type KeySets = Readonly<Record<KeySetHolder, KeySetJson>>;

/**
 * Fresh keys: the api seals cards and opens nothing, the operator's CLI seals terminal secrets and
 * opens nothing.
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
 * A new key: whole for those that open, and what those get that only seal. Of a symmetric key there
 * is no lesser form.
 */
export interface NewKey {
  readonly kid: string;
  readonly whole: Jwk;
  readonly forMakers: Jwk;
}

const LABELS: Readonly<Record<KeyPurpose, string>> = {
  cards: 'cards',
  terminalSecrets: 'terminal-secrets',
  callbackTokens: 'callback-tokens',
};

/** Makes a key: X25519 (RFC 8037) for what is sealed, 256 random bits for tokens. */
export function newKey(purpose: KeyPurpose): NewKey {
  const kid = `${LABELS[purpose]}-${randomBytes(4).toString('hex')}`;
  if (purpose === 'callbackTokens') {
    const whole = { kty: 'oct', k: randomBytes(32).toString('base64url'), kid };
    return { kid, whole, forMakers: whole };
  }
  const whole = { ...generateX25519().jwk, kid };
  return { kid, whole, forMakers: forMakers(whole) };
}

/** A whole key as those get it that only seal. */
export function forMakers({ d: _private, ...rest }: Jwk): Jwk {
  return rest;
}
