// The readiness check for Postgres. It queries through the pool in use, because a new connection
// may work while every pooled one is dead, and it tests for writes, because a read may succeed on a
// Postgres that cannot write. It closes a connection that only reads: a process that is not ready
// gets no traffic, and so no write that would close it.
import { NotReady } from '@quittance/platform';
import type { Pool, PoolClient } from 'pg';
import { ReadOnlyError, statesOf, unavailableReason } from './errors.js';
import { examineSession, sessionFault } from './session.js';

/** Below the limit that /readyz gives a check, so that the response contains the reason. */
const ANSWER_MS = 1_500;
/**
 * A refused statement counts for this long. The traffic that would show the end of the condition
 * may have been routed elsewhere.
 */
const REMEMBERED_MS = 10_000;
/** Refusals that the probe alone does not provoke: no room on the disk or in memory. */
const NO_ROOM = /^53[12]/;

const PROBE = `SELECT pg_is_in_recovery() AS is_replica, current_setting('transaction_read_only') = 'on' AS is_read_only`;

interface Probed {
  readonly is_replica: boolean;
  readonly is_read_only: boolean;
}

/**
 * Returns a check for `/readyz`. It rejects with {@link NotReady} and the reason when this process
 * cannot read and write through its pool.
 */
export function postgresCheck(pool: Pool): () => Promise<void> {
  const refused = rememberRefusals(pool);
  return async () => {
    await examineSession(pool, (client) => probe(pool, client), ANSWER_MS).catch(refuse);
    const reason = refused();
    if (reason !== undefined) throw new NotReady(reason);
  };
}

async function probe(pool: Pool, client: PoolClient): Promise<void> {
  const query = { text: PROBE, query_timeout: ANSWER_MS };
  const { rows } = await client.query<Probed>(query);
  const cause = new ReadOnlyError();
  if (rows[0]?.is_replica)
    throw new NotReady('it only reads: it is a replica, or recovering', { cause });
  if (rows[0]?.is_read_only)
    throw new NotReady('it only reads: its transactions are read-only', { cause });
  const fault = await sessionFault(pool, client);
  if (fault) throw new NotReady(fault.finding);
}

function refuse(error: unknown): never {
  if (error instanceof NotReady) throw error;
  throw new NotReady(unavailableReason(error) ?? 'it refuses the probe', { cause: error });
}

/** Returns the last refusal for lack of room while it is recent. */
function rememberRefusals(pool: Pool): () => string | undefined {
  let last: { readonly reason: string; readonly at: number } | undefined;
  pool.on('release', (error) => {
    if (statesOf(error).some((state) => NO_ROOM.test(state)))
      last = { reason: unavailableReason(error) ?? '', at: performance.now() };
  });
  return () => (last && performance.now() - last.at < REMEMBERED_MS ? last.reason : undefined);
}
