// People who may act, known by a key of which only the digest is kept (PCI DSS 8.2.1, 8.3.2: an id of their own, and nothing stored
// that lets anybody in).
import type { Pool, PoolClient } from 'pg';

/** Somebody who may act, or might once. */
export interface RegisteredOperator {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
}

type Queries = Pick<PoolClient, 'query'>;

/** How many people hold a key now, and how many ever did. */
export async function countOperators(
  client: Queries,
): Promise<{ readonly active: number; readonly ever: number }> {
  const { rows } = await client.query<{ active: number; ever: number }>(
    `SELECT count(*) FILTER (WHERE revoked_at IS NULL)::integer AS active, count(*)::integer AS ever FROM operators`,
  );
  return rows[0] ?? { active: 0, ever: 0 };
}

/** Whose key has this SHA-256; the row stays as it is until the transaction ends, so that nobody acts with a key being revoked. */
export async function operatorWithKey(
  client: PoolClient,
  keySha256: Buffer,
): Promise<string | undefined> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT name FROM operators WHERE key_sha256 = $1 AND revoked_at IS NULL FOR SHARE',
    [keySha256],
  );
  return rows[0]?.name;
}

/** Whether an operator of that name may act now. */
export async function isOperator(client: Queries, name: string): Promise<boolean> {
  const { rows } = await client.query(
    'SELECT FROM operators WHERE name = $1 AND revoked_at IS NULL',
    [name],
  );
  return rows.length > 0;
}

/** Registers a key. Raises a unique violation where the name has an active one. */
export async function insertOperator(
  client: PoolClient,
  row: {
    readonly id: string;
    readonly name: string;
    readonly keySha256: Buffer;
    readonly at: Date;
  },
): Promise<void> {
  await client.query(
    'INSERT INTO operators (id, name, key_sha256, created_at) VALUES ($1, $2, $3, $4)',
    [row.id, row.name, row.keySha256, row.at],
  );
}

/** Ends the key of a name. The id of what was revoked, or undefined when nobody of that name has one. */
export async function revokeOperator(
  client: PoolClient,
  name: string,
  at: Date,
): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>(
    'UPDATE operators SET revoked_at = $2 WHERE name = $1 AND revoked_at IS NULL RETURNING id',
    [name, at],
  );
  return rows[0]?.id;
}

/** Ends the ops keys that a name holds. Their ids. */
export async function revokeOpsKeys(
  client: PoolClient,
  holder: string,
  at: Date,
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    'UPDATE api_keys SET revoked_at = $2 WHERE holder = $1 AND revoked_at IS NULL RETURNING id',
    [holder, at],
  );
  return rows.map(({ id }) => id);
}

/** Everybody, oldest first, without digests. */
export async function listOperators(pool: Pool): Promise<RegisteredOperator[]> {
  const { rows } = await pool.query<RegisteredOperator>(
    'SELECT id, name, created_at AS "createdAt", revoked_at AS "revokedAt" FROM operators ORDER BY id',
  );
  return rows;
}
