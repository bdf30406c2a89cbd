// Which process has which keys, and which half of them: the table of docs/security.md. New key sets
// and rotations are made from it, so that a key comes to be nowhere else.
import type { KeyPurpose } from './key-set.js';

/** The kinds of process that have a key set; also the names of its files, `<holder>.json`. */
export const KEY_SET_HOLDERS = ['api', 'worker', 'webhook', 'operator'] as const;
export type KeySetHolder = (typeof KEY_SET_HOLDERS)[number];

/**
 * Who has a list of keys. `callbackTokens` are symmetric: who makes a token and who verifies it
 * have the same.
 */
export interface KeyDistribution {
  /**
   * Open or verify; they have the private half. A new key comes to them first, and leaves them
   * last.
   */
  readonly openers: readonly KeySetHolder[];
  /** Only make something with the key; of pairs they have the public half. */
  readonly makers: readonly KeySetHolder[];
}

export const KEY_DISTRIBUTION: Readonly<Record<KeyPurpose, KeyDistribution>> = {
  cards: { openers: ['worker'], makers: ['webhook', 'api'] },
  terminalSecrets: { openers: ['worker', 'webhook'], makers: ['operator'] },
  callbackTokens: { openers: ['webhook'], makers: ['worker'] },
};

/** Everybody who has the list, in the order in which a new key comes to them. */
export function holdersOf(purpose: KeyPurpose): readonly KeySetHolder[] {
  const { openers, makers } = KEY_DISTRIBUTION[purpose];
  return [...openers, ...makers];
}
