// New keys for a set-up, split so that each process holds what it needs and nothing more.
import type { Jwk, KeyPurpose } from './key-set.js';
import { KEY_PLACES, KEY_SET_HOLDERS, type KeySetHolder } from './key-places.js';
import { newKey } from './new-key.js';

/** A key set as it is written to a file; `parseKeySet` reads it. */
export type KeySetJson = Partial<Readonly<Record<KeyPurpose, readonly Jwk[]>>>;

/** One key set per kind of process. */
export type KeySets = Readonly<Record<KeySetHolder, KeySetJson>>;

/** Fresh keys: the api seals cards and opens nothing, the operator's CLI seals terminal secrets and opens nothing. */
export function generateKeySets(): KeySets {
  const purposes = Object.keys(KEY_PLACES) as KeyPurpose[];
  const made = purposes.map((purpose) => ({ purpose, key: newKey(purpose) }));
  const keySetOf = (holder: KeySetHolder): KeySetJson => {
    const lists = made.flatMap(({ purpose, key }) => {
      const { openers, makers } = KEY_PLACES[purpose];
      if (openers.includes(holder)) return [[purpose, [key.whole]]];
      return makers.includes(holder) ? [[purpose, [key.forMakers]]] : [];
    });
    return Object.fromEntries(lists) as KeySetJson;
  };
  return Object.fromEntries(
    KEY_SET_HOLDERS.map((holder) => [holder, keySetOf(holder)]),
  ) as unknown as KeySets;
}
