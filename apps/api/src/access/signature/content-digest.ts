// Validates `Content-Digest` (RFC 9530 §2), the hash of the body. The api checks it whenever it is
// sent, signed or not.
import { createHash } from 'node:crypto';
import { InvalidRequest } from '@quittance/platform';

/** The two active algorithms of RFC 9530 §5, with their names in Node. */
const ALGORITHMS = { 'sha-256': 'sha256', 'sha-512': 'sha512' } as const;

const MEMBER = /^(sha-256|sha-512)=:([A-Za-z0-9+/]{43,86}={0,2}):$/;

/** True when a header names at least one supported digest. */
export function isCheckableDigest(header: string): boolean {
  return membersOf(header).length > 0;
}

/**
 * Returns `digest_mismatch` (400) when a header names a digest that the body does not have, or none
 * that we support.
 */
export function contentDigestFault(header: string, body: Buffer): InvalidRequest | undefined {
  const members = membersOf(header);
  const fits = members.every(({ algorithm, digest }) => digestOf(algorithm, body) === digest);
  if (members.length > 0 && fits) return undefined;
  const detail =
    members.length === 0
      ? 'Content-Digest names neither a sha-256 nor a sha-512 digest (RFC 9530).'
      : 'The digest of the body differs from Content-Digest.';
  return new InvalidRequest('digest_mismatch', detail, { status: 400 });
}

type Algorithm = keyof typeof ALGORITHMS;

interface Member {
  readonly algorithm: Algorithm;
  readonly digest: string;
}

function membersOf(header: string): Member[] {
  return header.split(',').flatMap((member) => {
    const [, algorithm, digest = ''] = MEMBER.exec(member.trim()) ?? [];
    return algorithm === undefined ? [] : [{ algorithm: algorithm as Algorithm, digest }];
  });
}

function digestOf(algorithm: Algorithm, body: Buffer): string {
  return createHash(ALGORITHMS[algorithm]).update(body).digest('base64');
}
