// Reads the header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07 §2.1).
import { looksLikeCard } from '@quittance/cards';
import { InvalidRequest } from '@quittance/platform';

/** A string of structured fields (RFC 8941 §3.3.3), of 1 to 255 characters. */
const QUOTED = /^"((?:[ !#-[\]-~]|\\["\\]){1,255})"$/;
/** The same without quotes, as many clients send it. */
const BARE = /^[A-Za-z0-9._:+/=-]{1,255}$/;

/**
 * A long number, and a key that is nothing but digits in groups. One in thousands of UUIDs contains
 * digits in groups that pass as a card's, so other groups of digits count as no number.
 */
const NUMBERS = [/\d{13,}/, /^[\d ._:+/=-]+$/];

/**
 * Returns the key, or `undefined` without the header. Throws 400 for a header that is not one key,
 * and for a key that may be a card number, because keys are stored.
 */
export function idempotencyKeyOf(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = [header].flat().join(',').trim();
  const key = BARE.test(text) ? text : QUOTED.exec(text)?.[1]?.replaceAll(/\\(["\\])/g, '$1');
  if (key === undefined) throw invalid('must be one string of 1 to 255 characters, in quotes');
  if (NUMBERS.some((form) => looksLikeCard(form.exec(key)?.[0] ?? '')))
    throw invalid('must not contain a card number');
  return key;
}

function invalid(rule: string): InvalidRequest {
  const detail = `The header Idempotency-Key ${rule}.`;
  return new InvalidRequest('idempotency_key_invalid', detail, { status: 400 });
}
