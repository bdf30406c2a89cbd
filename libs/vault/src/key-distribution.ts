// The distribution of keys: which process has which keys, and which half of them (the table of
// docs/security.md). New key sets and rotations follow it, so that a key exists nowhere else.
import type { KeyPurpose } from './key-set.js';

/**
 * The kinds of process that have a key set, which are also the names of its files, `<holder>.json`.
 */
export const KEY_SET_HOLDERS = ['api', 'worker', 'webhook', 'operator'] as const;
export type KeySetHolder = (typeof KEY_SET_HOLDERS)[number];

/**
 * The processes that have a list of keys. `callbackTokens` are symmetric, so the process that
 * generates a token and the one that verifies it have the same key.
 */
export interface KeyDistribution {
  /**
   * The processes that decrypt or verify; they have the private half. They get a new key first and
   * lose it last.
   */
  readonly openers: readonly KeySetHolder[];
  /** The processes that only encrypt or sign; of key pairs they have the public half. */
  readonly makers: readonly KeySetHolder[];
}

export const KEY_DISTRIBUTION: Readonly<Record<KeyPurpose, KeyDistribution>> = {
  cards: { openers: ['worker'], makers: ['webhook', 'api'] },
  terminalSecrets: { openers: ['worker', 'webhook'], makers: ['operator'] },
  // The api opens requests in the gateway's form. The worker, which has the terminals' keys anyway,
  // re-encrypts the copies during a rotation.
  dropInSecrets: { openers: ['worker', 'api'], makers: ['operator'] },
  callbackTokens: { openers: ['webhook'], makers: ['worker'] },
  // The api signs, and publishes the public half for the shops that verify.
  returnTokens: { openers: ['api'], makers: [] },
};

/** Returns all processes that have the list, in the order in which they get a new key. */
export function holdersOf(purpose: KeyPurpose): readonly KeySetHolder[] {
  const { openers, makers } = KEY_DISTRIBUTION[purpose];
  return [...openers, ...makers];
}
