// Reads and verifies a payment intent that its merchant signed as a compact JWS (RFC 7515) with
// Ed25519 (RFC 8037). Form and header are checked before any computation: the key decides on the
// algorithm, never the header.
import { AccessDenied, type FaultEntry, InvalidRequest } from '@quittance/platform';
import { HTTP_LIMITS } from '@quittance/server';
import { compactVerify, decodeProtectedHeader } from 'jose';
import type { KeyObject } from 'node:crypto';

/** The algorithm of a signing key. */
const ALGORITHM = 'EdDSA';

/** A signature for another purpose has another `typ`, so it is never a payment. */
export const SIGNED_INTENT_TYP = 'payment-intent+jws';

const HEADER_CHARS_MAX = 512;
/** 64 bytes in base64url. */
const SIGNATURE_CHARS = 86;
const PAYLOAD_CHARS_MAX = base64Chars(HTTP_LIMITS.bodyBytes);

/** The longest compact JWS of a body that HTTP accepts. */
export const JWS_CHARS_MAX = HEADER_CHARS_MAX + PAYLOAD_CHARS_MAX + SIGNATURE_CHARS + 2;

function base64Chars(bytes: number): number {
  return Math.ceil((bytes * 4) / 3);
}

/** A JWS whose signature is not verified yet. */
export interface ReadJws {
  /** The id of the API key that is said to have signed it. */
  readonly keyId: string;
  readonly compact: string;
}

/**
 * Reads the header of a compact JWS. Throws `signature_required` without a JWS, `payload_too_large`
 * (413), and `signature_invalid` (401) with every fault of the header.
 */
export function readJws(jws: unknown): ReadJws {
  if (jws === undefined || jws === null) {
    throw new AccessDenied('signature_required', 'Sign the payment: send it as a compact JWS.');
  }
  if (typeof jws !== 'string') throw invalid('The JWS must be a text in compact serialization.');
  if (jws.length > JWS_CHARS_MAX) throw tooLarge();
  const [header = '', payload = '', signature = '', ...more] = jws.split('.', 4);
  if (payload.length > PAYLOAD_CHARS_MAX) throw tooLarge();
  const parts = [header, payload, signature];
  const isForm = more.length === 0 && signature.length === SIGNATURE_CHARS;
  if (!isForm || header.length > HEADER_CHARS_MAX || !parts.every(isCanonical)) {
    throw invalid('The JWS must be in compact serialization, with a signature of 64 bytes.');
  }
  return { keyId: keyIdIn(headerOf(jws)), compact: jws };
}

/** Returns the signed bytes. Throws `signature_invalid` (401) when `key` did not sign them. */
export async function verifiedPayload(jws: ReadJws, key: KeyObject): Promise<Uint8Array> {
  try {
    const { payload } = await compactVerify(jws.compact, key, { algorithms: [ALGORITHM] });
    return payload;
  } catch {
    throw invalid('The signature does not match the key that `kid` names.');
  }
}

/** True for base64url without padding in its only spelling (RFC 7515 §2). */
function isCanonical(part: string): boolean {
  return part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part;
}

function headerOf(jws: string): Readonly<Record<string, unknown>> {
  try {
    return { ...decodeProtectedHeader(jws) };
  } catch {
    throw invalid('The header of the JWS is not a JSON object.');
  }
}

function keyIdIn({ alg, kid, typ, ...others }: Readonly<Record<string, unknown>>): string {
  const faults = [
    alg === ALGORITHM ? undefined : BAD_ALG,
    typeof kid === 'string' ? undefined : BAD_KID,
    typ === SIGNED_INTENT_TYP ? undefined : BAD_TYP,
    Object.keys(others).length === 0 ? undefined : OTHER_MEMBER,
  ].filter((fault) => fault !== undefined);
  if (typeof kid === 'string' && faults.length === 0) return kid;
  throw invalid('The header of the JWS is not accepted; see errors.', faults);
}

const fault = (path: string, code: string, message: string): FaultEntry => ({
  path: `jws.${path}`,
  code,
  message,
});
const BAD_ALG = fault(
  'alg',
  'unsupported_algorithm',
  `Must be "${ALGORITHM}", with an Ed25519 key.`,
);
const BAD_KID = fault('kid', 'required', 'Must be the id of an API key.');
const BAD_TYP = fault('typ', 'not_allowed', `Must be "${SIGNED_INTENT_TYP}".`);
/** `crit` and `b64` among them, and `jwk`, `jku`, `x5c` and `x5u`, which would name a key. */
const OTHER_MEMBER = fault('…', 'unknown_field', 'Known members are alg, kid, typ.');

function tooLarge(): InvalidRequest {
  const detail = `A signed payment has at most ${HTTP_LIMITS.bodyBytes} bytes.`;
  return new InvalidRequest('payload_too_large', detail, { status: 413 });
}

function invalid(detail: string, errors?: readonly FaultEntry[]): AccessDenied {
  return new AccessDenied('signature_invalid', detail, errors && { errors });
}
