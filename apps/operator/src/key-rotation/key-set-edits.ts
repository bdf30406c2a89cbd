// The steps of a rotation, each as a change of one key set as it is written down. Pure, and
// harmless when it is done twice, so that a rotation that was cut off is finished by doing it
// again.
//
// A new key is first `prepared`: at the end of the list, where it opens and verifies and makes
// nothing. It is marked, because otherwise nobody could tell it from a retired one.
import type { Jwk, KeyPurpose, KeySetJson } from '@quittance/vault';

/** What a key of a written list is for. */
export type KeyState = 'active' | 'prepared' | 'retired';

const isKey =
  (kid: string) =>
  (jwk: Jwk): boolean =>
    jwk['kid'] === kid;

/** The key as the set has it; `undefined` where it is not there. */
export function keyIn(set: KeySetJson, purpose: KeyPurpose, kid: string): Jwk | undefined {
  return (set[purpose] ?? []).find(isKey(kid));
}

/** The kid of the key that makes things now; `undefined` for a list without keys. */
export function activeKid(set: KeySetJson, purpose: KeyPurpose): string | undefined {
  return set[purpose]?.[0]?.['kid'] as string | undefined;
}

/**
 * The kids of the keys that are there and not yet used; at most one unless somebody edited by hand.
 */
export function preparedKids(set: KeySetJson, purpose: KeyPurpose): string[] {
  return (set[purpose] ?? [])
    .filter((jwk) => jwk['prepared'] === true)
    .map((jwk) => String(jwk['kid']));
}

/** What a key is in a set; `undefined` where it is not there. */
export function stateIn(set: KeySetJson, purpose: KeyPurpose, kid: string): KeyState | undefined {
  if (activeKid(set, purpose) === kid) return 'active';
  const key = keyIn(set, purpose, kid);
  if (!key) return undefined;
  return key['prepared'] === true ? 'prepared' : 'retired';
}

/**
 * With the key prepared at the end of the list; unchanged where it is there already, whatever it
 * is.
 */
export function withPrepared(set: KeySetJson, purpose: KeyPurpose, key: Jwk): KeySetJson {
  if (keyIn(set, purpose, String(key['kid']))) return set;
  return { ...set, [purpose]: [...(set[purpose] ?? []), { ...key, prepared: true }] };
}

/**
 * With the key first, so that it makes everything from now on; the one before it is retired.
 * Unchanged where it is not there.
 */
export function withActive(set: KeySetJson, purpose: KeyPurpose, kid: string): KeySetJson {
  const found = keyIn(set, purpose, kid);
  if (!found) return set;
  const { prepared: _mark, ...key } = found;
  const others = (set[purpose] ?? []).filter((jwk) => !isKey(kid)(jwk));
  return { ...set, [purpose]: [key, ...others] };
}

/** Without the key. */
export function withoutKey(set: KeySetJson, purpose: KeyPurpose, kid: string): KeySetJson {
  if (!keyIn(set, purpose, kid)) return set;
  return { ...set, [purpose]: (set[purpose] ?? []).filter((jwk) => !isKey(kid)(jwk)) };
}
