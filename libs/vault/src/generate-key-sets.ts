// New keys for a local set-up, split so that each process holds what it needs and nothing more.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Jwk, KeyPurpose } from './key-set.js';

/** A key set as it is written to a file; `parseKeySet` reads it. */
export type KeySetJson = Partial<Readonly<Record<KeyPurpose, readonly Jwk[]>>>;

/** One key set per kind of process. */
export interface KeySets {
  readonly api: KeySetJson;
  readonly worker: KeySetJson;
  readonly webhook: KeySetJson;
  readonly operator: KeySetJson;
}

/** Fresh keys: the api seals cards and opens nothing, the operator's CLI seals terminal secrets and opens nothing. */
export function generateKeySets(): KeySets {
  const cards = sealingPair('cards');
  const terminalSecrets = sealingPair('terminal-secrets');
  const callbackTokens = [tokenKey('callback-tokens')];
  return {
    api: { cards: [cards.publicJwk] },
    worker: {
      cards: [cards.privateJwk],
      terminalSecrets: [terminalSecrets.privateJwk],
      callbackTokens,
    },
    webhook: {
      cards: [cards.publicJwk],
      terminalSecrets: [terminalSecrets.privateJwk],
      callbackTokens,
    },
    operator: { terminalSecrets: [terminalSecrets.publicJwk] },
  };
}

function sealingPair(label: string): { readonly publicJwk: Jwk; readonly privateJwk: Jwk } {
  const jwk = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
  const kid = newKid(label);
  const publicJwk = { kty: jwk.kty, crv: jwk.crv, x: jwk.x, kid };
  return { publicJwk, privateJwk: { ...publicJwk, d: jwk.d } };
}

function tokenKey(label: string): Jwk {
  return { kty: 'oct', k: randomBytes(32).toString('base64url'), kid: newKid(label) };
}

function newKid(label: string): string {
  return `${label}-${randomBytes(4).toString('hex')}`;
}
