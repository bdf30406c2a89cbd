// The steps of a rotation, each a pure edit of one key set. Every step is idempotent, so running an
// interrupted rotation again completes it.
//
// A new key is first `prepared`: it is last in the list, where it decrypts and verifies but
// encrypts and signs nothing. A mark distinguishes it from a retired key.
import type { Jwk, KeyPurpose, KeySetJson } from '@quittance/vault';

/** The state of a key in a list. */
export type KeyState = 'active' | 'prepared' | 'retired';

const isKey =
  (kid: string) =>
  (jwk: Jwk): boolean =>
    jwk['kid'] === kid;

/** Returns the key of a set; `undefined` when the set does not contain it. */
export function keyIn(set: KeySetJson, purpose: KeyPurpose, kid: string): Jwk | undefined {
  return (set[purpose] ?? []).find(isKey(kid));
}

/** Returns the kid of the active key; `undefined` for an empty list. */
export function activeKid(set: KeySetJson, purpose: KeyPurpose): string | undefined {
  return set[purpose]?.[0]?.['kid'] as string | undefined;
}

/** Returns the kids of the prepared keys; at most one unless the file was edited by hand. */
export function preparedKids(set: KeySetJson, purpose: KeyPurpose): string[] {
  return (set[purpose] ?? [])
    .filter((jwk) => jwk['prepared'] === true)
    .map((jwk) => String(jwk['kid']));
}

/** Returns the state of a key in a set; `undefined` when the set does not contain it. */
export function stateIn(set: KeySetJson, purpose: KeyPurpose, kid: string): KeyState | undefined {
  if (activeKid(set, purpose) === kid) return 'active';
  const key = keyIn(set, purpose, kid);
  if (!key) return undefined;
  return key['prepared'] === true ? 'prepared' : 'retired';
}

/**
 * Returns the set with the key prepared at the end of the list; unchanged when the list already
 * contains it in any state.
 */
export function withPrepared(set: KeySetJson, purpose: KeyPurpose, key: Jwk): KeySetJson {
  if (keyIn(set, purpose, String(key['kid']))) return set;
  return { ...set, [purpose]: [...(set[purpose] ?? []), { ...key, prepared: true }] };
}

/**
 * Returns the set with the key first, which makes it active and retires the previous one; unchanged
 * when the set does not contain the key.
 */
export function withActive(set: KeySetJson, purpose: KeyPurpose, kid: string): KeySetJson {
  const found = keyIn(set, purpose, kid);
  if (!found) return set;
  const { prepared: _mark, ...key } = found;
  const others = (set[purpose] ?? []).filter((jwk) => !isKey(kid)(jwk));
  return { ...set, [purpose]: [key, ...others] };
}

/** Returns the set without the key. */
export function withoutKey(set: KeySetJson, purpose: KeyPurpose, kid: string): KeySetJson {
  if (!keyIn(set, purpose, kid)) return set;
  return { ...set, [purpose]: (set[purpose] ?? []).filter((jwk) => !isKey(kid)(jwk)) };
}
