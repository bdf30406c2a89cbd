// The nonces of signed requests, each usable once (ADR 27). SQL: Prisma's `createMany` cannot
// report the new rows, and has no FOR UPDATE SKIP LOCKED.
import type { Pool } from 'pg';

/** One use of a nonce; `digest` is a SHA-256. */
export interface NonceUse {
  readonly digest: Buffer;
  /** The nonce is remembered until then. */
  readonly expiresAt: Date;
}

/** Locks rows in one order, because two processes may receive the same nonces. */
const USE = {
  name: 'use_signature_nonces',
  text: `
INSERT INTO signature_nonces (digest, expires_at)
SELECT digest, expires_at FROM unnest($1::bytea[], $2::timestamptz[]) AS n(digest, expires_at) ORDER BY digest
ON CONFLICT DO NOTHING RETURNING encode(digest, 'base64') AS digest`,
};

const FORGET_MAX = 10_000;
/** Skips rows that another process is deleting. */
const FORGET = `
DELETE FROM signature_nonces WHERE digest = ANY (ARRAY(
  SELECT digest FROM signature_nonces WHERE expires_at < now()
  ORDER BY expires_at LIMIT ${FORGET_MAX} FOR UPDATE SKIP LOCKED))`;

export class SignatureNonces {
  constructor(private readonly pool: Pool) {}

  /** Returns for each use whether the nonce was new. Of two equal ones the first is new. */
  async use(uses: readonly NonceUse[]): Promise<boolean[]> {
    const values = [uses.map(({ digest }) => digest), uses.map(({ expiresAt }) => expiresAt)];
    const { rows } = await this.pool.query<{ digest: string }>({ ...USE, values });
    const fresh = new Set(rows.map(({ digest }) => digest));
    return uses.map(({ digest }) => fresh.delete(digest.toString('base64')));
  }

  /** Deletes a batch of expired nonces. Returns `'again'` when there may be more. */
  async forget(): Promise<'again' | 'done'> {
    const { rowCount } = await this.pool.query(FORGET);
    return rowCount === FORGET_MAX ? 'again' : 'done';
  }
}
