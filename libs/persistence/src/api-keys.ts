// The API keys as requests look them up. SQL: every request without a cached key pays for this
// look-up (ADR 37).
import type { Pool } from 'pg';

/** An API key that is valid now. Times are Postgres's. */
export interface StoredApiKey {
  readonly keyId: string;
  /** `null` for an operator's key. */
  readonly merchantId: string | null;
  /** The person who has an operator's key; `null` for a merchant's key. */
  readonly holder: string | null;
  readonly scopes: readonly string[];
  readonly expiresAt: Date | null;
  /** The key's own limit; `null` for the limit of all keys. */
  readonly requestsPerSecond: number | null;
  /** Ed25519, 32 bytes; `null` when its requests need no signature. */
  readonly signingPublicKey: Buffer | null;
}

/** Unknown, revoked and expired keys give the same result by the same index: nothing. */
const validKeyBy = (column: 'secret_sha256' | 'id') =>
  `SELECT id AS "keyId", merchant_id AS "merchantId", holder, scopes, expires_at AS "expiresAt",
      requests_per_second AS "requestsPerSecond", signing_public_key AS "signingPublicKey"
    FROM api_keys WHERE ${column} = $1 AND revoked_at IS NULL
      AND (expires_at IS NULL OR expires_at > now())`;

const FIND = { name: 'find_api_key', text: validKeyBy('secret_sha256') };
const FIND_BY_ID = { name: 'find_api_key_by_id', text: validKeyBy('id') };

/** Locks rows in one order, because every process writes the same keys at about the same time. */
const RECORD_USE = `
  WITH used AS MATERIALIZED (
    SELECT u.id, u.at FROM unnest($1::text[], $2::timestamptz[]) AS u(id, at) JOIN api_keys k ON k.id = u.id
    ORDER BY k.id FOR NO KEY UPDATE OF k)
  UPDATE api_keys SET last_used_at = used.at FROM used WHERE api_keys.id = used.id`;

export class StoredApiKeys {
  constructor(private readonly pool: Pool) {}

  /**
   * Returns the valid key whose secret has this SHA-256; `undefined` if it is unknown, revoked or
   * expired.
   */
  async find(secretSha256: Buffer): Promise<StoredApiKey | undefined> {
    const { rows } = await this.pool.query<StoredApiKey>({ ...FIND, values: [secretSha256] });
    return rows[0];
  }

  /** Returns the valid key with this id; `undefined` if it is unknown, revoked or expired. */
  async findById(keyId: string): Promise<StoredApiKey | undefined> {
    const { rows } = await this.pool.query<StoredApiKey>({ ...FIND_BY_ID, values: [keyId] });
    return rows[0];
  }

  /** Stores when each key was last used, by its id. */
  async recordUse(used: ReadonlyMap<string, Date>): Promise<void> {
    await this.pool.query(RECORD_USE, [[...used.keys()], [...used.values()]]);
  }
}
