// The callers of the operations API and its pages.
import type { OperatorRights } from '@quittance/persistence';

/** A person or a machine that operates Quittance. */
export interface OpsCaller {
  /** The name in the audit. */
  readonly name: string;
  readonly rights: OperatorRights;
  /** True for a registered operator, whom a key proves; false for an ops key. */
  readonly isRegistered: boolean;
  /** The proof: the digest of a session's cookie, or the id of an ops key. */
  readonly proof:
    | { readonly kind: 'session'; readonly tokenSha256: Buffer; readonly expiresAt: Date }
    | { readonly kind: 'key'; readonly keyId: string };
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on admission to the operations API and the queue pages. */
    opsCaller?: OpsCaller;
  }
}
