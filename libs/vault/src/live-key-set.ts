// The keys of a process that runs while its key set is changed.
import { type KeySet, KeySetError, parseKeySet } from './key-set.js';

/** A key set that is, at each look, what `current` gives then. Whoever holds it uses a new key without being told. */
export function liveKeySet(current: () => KeySet): KeySet {
  return {
    get cards() {
      return current().cards;
    },
    get terminalSecrets() {
      return current().terminalSecrets;
    },
    get callbackTokens() {
      return current().callbackTokens;
    },
  };
}

/** Which keys a process has, by their kids alone; the first of each list is active. */
export type KeyNames = Readonly<Record<keyof KeySet, readonly string[]>>;

export function keyNames({ cards, terminalSecrets, callbackTokens }: KeySet): KeyNames {
  const kids = (keys: readonly { readonly kid: string }[]) => keys.map(({ kid }) => kid);
  return {
    cards: kids(cards),
    terminalSecrets: kids(terminalSecrets),
    callbackTokens: kids(callbackTokens),
  };
}

/**
 * Parses a key set that takes the place of another in a running process. Throws {@link KeySetError}, also for one that would leave
 * the process without any key of a list, or with only public halves where it could open before: no rotation does that.
 */
export function parseNextKeySet(json: string, before: KeySet | undefined): KeySet {
  const next = parseKeySet(json);
  if (!before) return next;
  for (const name of ['cards', 'terminalSecrets', 'callbackTokens'] as const) {
    if (before[name].length > 0 && next[name].length === 0)
      throw new KeySetError(`${name} has no key any more`);
  }
  for (const name of ['cards', 'terminalSecrets'] as const) {
    if (before[name].some(({ open }) => open) && !next[name].every(({ open }) => open))
      throw new KeySetError(`${name} has a key without its private half`);
  }
  return next;
}
