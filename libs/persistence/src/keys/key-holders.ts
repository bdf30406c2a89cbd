// The keys of each running process. Every process announces its own; the operator's CLI reads them
// before it activates a new key and before it destroys an old one. Postgres provides the times,
// because the clocks of the hosts differ: SQL, as Prisma has no now().
import type { KeyNames, KeyPurpose } from '@quittance/vault';
import type { Pool } from 'pg';

/** A process that runs, or ran until lately. */
export interface KeyHolder {
  readonly processId: string;
  readonly app: 'api' | 'worker' | 'webhook';
  readonly host: string;
  readonly pid: number;
  readonly keys: KeyNames;
  /** The time since its last announcement, in milliseconds. */
  readonly silentMs: number;
}

/**
 * A process that stops in order deletes its row. One that was killed, frozen or cut off counts for
 * this long: if it wakes up, it may still have its keys.
 */
export const HOLDER_LOST_AFTER_MS = 300_000;

/** Rows that no longer count are retained for a day, for diagnosis. */
const FORGOTTEN_AFTER = '1 day';

const ANNOUNCE = `
WITH holder AS (
  INSERT INTO key_holders (process_id, app, host, pid, keys, seen_at) VALUES ($1, $2, $3, $4, $5, now())
  ON CONFLICT (process_id) DO UPDATE SET keys = excluded.keys, seen_at = now()),
forgotten AS (DELETE FROM key_holders WHERE seen_at < now() - interval '${FORGOTTEN_AFTER}' AND process_id <> $1)
INSERT INTO key_uses (purpose, kid, last_active_at)
SELECT purpose, kids ->> 0, now() FROM json_each($5::json) AS lists (purpose, kids) WHERE json_array_length(kids) > 0
ORDER BY purpose
ON CONFLICT (purpose, kid) DO UPDATE SET last_active_at = now()`;

const LIST = `
SELECT process_id AS "processId", app, host, pid, keys,
  greatest(0, extract(epoch FROM now() - seen_at) * 1000)::float8 AS "silentMs"
FROM key_holders WHERE seen_at > now() - $1 * interval '1 millisecond' ORDER BY app, process_id`;

/** A process of an older version reports fewer lists. */
const NO_KEYS: KeyNames = {
  cards: [],
  terminalSecrets: [],
  dropInSecrets: [],
  callbackTokens: [],
  returnTokens: [],
};

export class KeyHolders {
  constructor(private readonly pool: Pick<Pool, 'query'>) {}

  /** Stores the keys that a process has now; the first of each purpose is the active one. */
  async announce(holder: Omit<KeyHolder, 'silentMs'>): Promise<void> {
    const { processId, app, host, pid, keys } = holder;
    await this.pool.query(ANNOUNCE, [processId, app, host, pid, JSON.stringify(keys)]);
  }

  /** Deletes the row of a process that stops in order. */
  async leave(processId: string): Promise<void> {
    await this.pool.query('DELETE FROM key_holders WHERE process_id = $1', [processId]);
  }

  /** Returns all processes that count. */
  async list(): Promise<KeyHolder[]> {
    const { rows } = await this.pool.query<KeyHolder>(LIST, [HOLDER_LOST_AFTER_MS]);
    return rows.map((row) => ({ ...row, keys: { ...NO_KEYS, ...row.keys } }));
  }

  /**
   * Returns the milliseconds since any process announced this key as active; `undefined` if none
   * ever did.
   */
  async unusedMs(purpose: KeyPurpose, kid: string): Promise<number | undefined> {
    const { rows } = await this.pool.query<{ ms: number }>(
      `SELECT greatest(0, extract(epoch FROM now() - last_active_at) * 1000)::float8 AS ms
       FROM key_uses WHERE purpose = $1 AND kid = $2`,
      [purpose, kid],
    );
    return rows[0]?.ms;
  }
}
