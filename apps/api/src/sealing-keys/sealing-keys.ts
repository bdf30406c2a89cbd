// The keys of this process, for what is injected with them.
import type { KeySet } from '@quittance/vault';

export type SealingKeys = KeySet;

/** Nest injection token of {@link SealingKeys}. */
export const SEALING_KEYS = Symbol('sealing keys');
