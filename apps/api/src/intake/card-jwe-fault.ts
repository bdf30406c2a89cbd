// What a caller is told about a card it sealed itself. Nothing of it is quoted.
import type { FaultEntry } from '@quittance/platform';
import { CARD_JWE_CHARS_MAX, cardJweFault, type CardJweFault, type KeySet } from '@quittance/vault';

const MESSAGES: Readonly<Record<CardJweFault, string>> = {
  invalid_format: 'Must be a JWE in compact serialization with direct key agreement.',
  too_big: `Must be at most ${CARD_JWE_CHARS_MAX} characters long.`,
  unsupported_algorithm: 'Must be sealed with ECDH-ES on X25519 and A256GCM.',
  unsupported_header: 'Has a header parameter that is not taken; alg, enc, kid and sub are enough.',
  unknown_key: 'Was sealed to a key that is not known; read /.well-known/jwks.json again.',
  other_reference: 'Was sealed for another reference: sub in its header is not this one.',
};

/** The fault of a `card_jwe`, as far as it can be seen without opening it. */
export function cardJweFaultEntry(
  jwe: string,
  context: { readonly keys: KeySet; readonly reference: string | undefined },
): FaultEntry | undefined {
  const code = cardJweFault(jwe, context);
  return code && { path: 'card_jwe', code, message: MESSAGES[code] };
}
