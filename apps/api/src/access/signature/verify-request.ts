// Whether a request was signed with the key it must be signed with (RFC 9421, `ed25519`). The headers are checked before
// the body is read; the signed `Content-Digest` is held against the body when it has been.
import { AccessDenied, mayHaveBody } from '@quittance/platform';
import { type KeyObject, verify } from 'node:crypto';
import { isCheckableDigest } from './content-digest.js';
import { signatureBase, type SignableRequest } from './signature-base.js';
import { type StatedSignature, statedSignature } from './signature-headers.js';

/** How far `created` may lie from our clock: slow networks and clocks that are not quite right, and no more. */
export const SIGNATURE_AGE_MAX_MS = 300_000;

const ALGORITHM = 'ed25519';
const ALWAYS_SIGNED = ['@method', '@path', '@query'];
const SIGNED_WITH_A_BODY = [...ALWAYS_SIGNED, 'content-digest'];

/** `Accept-Signature` (RFC 9421 §5.1) for callers whose request lacks one. */
export const ACCEPT_SIGNATURE =
  'sig=("@method" "@path" "@query" "content-digest");created;keyid;alg="ed25519"';

/** Who must have signed, and when it is now. */
export interface ExpectedSigner {
  readonly keyId: string;
  readonly signingKey: KeyObject;
  readonly now: Date;
}

/** Throws `signature_required` or `signature_invalid` (401), with what to change; never with what was sent. */
export function verifyRequest(request: SignableRequest, signer: ExpectedSigner): void {
  const { headers } = request;
  if (headers['signature-input'] === undefined || headers['signature'] === undefined) {
    const detail = 'This key signs its requests: send Signature-Input and Signature (RFC 9421).';
    throw new AccessDenied('signature_required', detail);
  }
  const stated = statedSignature(headers['signature-input'], headers['signature']);
  if (!stated) throw invalid('Send one signature, with created and plain components.');
  const fault = faultOf(stated, request, signer);
  if (fault !== undefined) throw invalid(fault);
  const base = signatureBase(request, stated.components, stated.parameters);
  if (base === undefined) throw invalid('A component is not in the request or not supported.');
  if (!verify(null, Buffer.from(base, 'latin1'), signer.signingKey, stated.signature)) {
    throw invalid('The signature does not fit the request.');
  }
}

function faultOf(
  stated: StatedSignature,
  { headers }: SignableRequest,
  { keyId, now }: ExpectedSigner,
): string | undefined {
  if (stated.algorithm !== undefined && stated.algorithm !== ALGORITHM) return 'Use alg="ed25519".';
  if (stated.keyId !== undefined && stated.keyId !== keyId) return 'keyid is not that of the key.';
  const required = mayHaveBody(headers) ? SIGNED_WITH_A_BODY : ALWAYS_SIGNED;
  const missing = required.filter((component) => !stated.components.includes(component));
  if (missing.length > 0) return `Also sign ${missing.join(', ')}.`;
  const digest = headers['content-digest'];
  if (mayHaveBody(headers) && !(typeof digest === 'string' && isCheckableDigest(digest))) {
    return 'Content-Digest must name a sha-256 or sha-512 digest.';
  }
  const nowMs = now.getTime();
  if (Math.abs(nowMs - stated.created * 1000) > SIGNATURE_AGE_MAX_MS) {
    return 'created is more than five minutes from the time here.';
  }
  const isOver = stated.expires !== undefined && stated.expires * 1000 <= nowMs;
  return isOver ? 'The signature has expired.' : undefined;
}

function invalid(detail: string): AccessDenied {
  return new AccessDenied('signature_invalid', detail);
}
