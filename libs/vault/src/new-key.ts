// Fresh keys, in both of the forms in which they are written down.
import { randomBytes } from 'node:crypto';
import type { Jwk, KeyPurpose } from './key-set.js';
import { generateX25519 } from './generate-x25519.js';

/** A new key: whole for those that open, and what those get that only seal. Of a symmetric key there is no lesser form. */
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
