// Verifies that a request carries the required signature (RFC 9421, `ed25519`). The headers are
// checked before the body is read; the signed `Content-Digest` is compared with the body once it
// has been read.
import { AccessDenied } from '@quittance/platform';
import { mayHaveBody } from '@quittance/server';
import { type KeyObject, randomBytes, verify } from 'node:crypto';
import { isCheckableDigest } from './content-digest.js';
import { signatureBase, type SignableRequest } from './signature-base.js';
import { type StatedSignature, statedSignature } from './signature-headers.js';

/**
 * Largest distance of `created` from our clock. It covers slow networks and inexact clocks, and no
 * more.
 */
export const SIGNATURE_AGE_MAX_MS = 300_000;

const ALGORITHM = 'ed25519';
const ALWAYS_SIGNED = ['@method', '@path', '@query'];
const SIGNED_WITH_A_BODY = [...ALWAYS_SIGNED, 'content-type', 'content-digest'];
/** Of a batch the lines are signed, each by itself. */
const SIGNED_WITH_A_STREAM = [...ALWAYS_SIGNED, 'content-type'];
/** Signed where they are sent, because they say which lines follow. */
const STREAM_FIELDS = ['batch-id', 'first-line'];

/**
 * Long enough that two callers do not choose the same nonce by chance, short enough for a header.
 */
const NONCE = /^[\w.~+/=-]{16,128}$/;
const NONCE_BYTES = 16;

/**
 * Returns `Accept-Signature` (RFC 9421 §5.1) for callers whose request lacks a signature. Any other
 * nonce works as well.
 */
export function acceptSignature(): string {
  const components = SIGNED_WITH_A_BODY.map((name) => `"${name}"`).join(' ');
  const nonce = randomBytes(NONCE_BYTES).toString('base64url');
  return `sig=(${components});created;nonce="${nonce}";alg="${ALGORITHM}"`;
}

/** A request that must be signed. `isStreamed` when its body is signed line by line. */
export interface SignedRequest extends SignableRequest {
  readonly isStreamed?: boolean;
}

/** The required signer and the current time. */
export interface ExpectedSigner {
  readonly keyId: string;
  readonly signingKey: KeyObject;
  readonly now: Date;
}

/** The part of a signature that must not be used twice. */
export interface SignedOnce {
  readonly nonce: string;
  /** End of the signature's validity. */
  readonly validUntil: Date;
}

/**
 * Returns the part of the signature that must be used once. Throws `signature_required` or
 * `signature_invalid` (401) with the change to make, never with what was sent.
 */
export function verifyRequest(request: SignedRequest, signer: ExpectedSigner): SignedOnce {
  const { headers } = request;
  if (headers['signature-input'] === undefined || headers['signature'] === undefined) {
    const detail =
      'This key requires signed requests: send Signature-Input and Signature (RFC 9421).';
    throw new AccessDenied('signature_required', detail);
  }
  const stated = statedSignature(headers['signature-input'], headers['signature']);
  if (!stated) {
    throw invalid('Send one signature, with plain components and the parameters of RFC 9421 §2.3.');
  }
  const fault = partFault(stated, request) ?? signerFault(stated, signer);
  if (fault !== undefined) throw invalid(fault);
  const once = onceOf(stated, signer.now);
  if (typeof once === 'string') throw invalid(once);
  const base = signatureBase(request, stated.components, stated.parameters);
  if (base === undefined) throw invalid('A component is not in the request or not supported.');
  if (!verify(null, Buffer.from(base, 'latin1'), signer.signingKey, stated.signature)) {
    throw invalid('The signature does not match the request.');
  }
  return once;
}

function partFault({ components }: StatedSignature, request: SignedRequest) {
  const required = requiredParts(request);
  const missing = required.filter((component) => !components.includes(component));
  if (missing.length > 0) return `Also sign ${missing.join(', ')}.`;
  const digest = request.headers['content-digest'];
  const needsDigest = required.includes('content-digest');
  if (needsDigest && !(typeof digest === 'string' && isCheckableDigest(digest))) {
    return 'Content-Digest must name a sha-256 or sha-512 digest.';
  }
  return undefined;
}

function requiredParts({ headers, isStreamed = false }: SignedRequest): readonly string[] {
  if (!isStreamed) return mayHaveBody(headers) ? SIGNED_WITH_A_BODY : ALWAYS_SIGNED;
  return [...SIGNED_WITH_A_STREAM, ...STREAM_FIELDS.filter((name) => headers[name] !== undefined)];
}

function signerFault({ algorithm, keyId: named }: StatedSignature, { keyId }: ExpectedSigner) {
  if (algorithm !== undefined && algorithm !== ALGORITHM) return 'Use alg="ed25519".';
  return named !== undefined && named !== keyId ? 'keyid is not the id of the key.' : undefined;
}

/** Returns the parameters that protect the request against replay, or the fault in them. */
function onceOf({ created, expires, nonce }: StatedSignature, now: Date): SignedOnce | string {
  if (created === undefined) return 'Add the parameter created, a Unix time in seconds.';
  if (nonce === undefined || !NONCE.test(nonce)) {
    return 'Add the parameter nonce: 16 to 128 of A-Z a-z 0-9 - _ . ~ + / =, new for each request.';
  }
  if (Math.abs(now.getTime() - created * 1000) > SIGNATURE_AGE_MAX_MS) {
    return 'created is more than five minutes from the server’s time.';
  }
  if (expires !== undefined && expires * 1000 <= now.getTime()) return 'The signature has expired.';
  return { nonce, validUntil: new Date(created * 1000 + SIGNATURE_AGE_MAX_MS) };
}

function invalid(detail: string): AccessDenied {
  return new AccessDenied('signature_invalid', detail);
}
