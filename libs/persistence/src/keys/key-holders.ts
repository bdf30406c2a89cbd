// Which running process has which keys. Each says so itself, and the operator's CLI goes by it:
// before a new key is used, and before an old one is destroyed. Postgres gives the times, because
// the clocks of the hosts differ: SQL, as Prisma has no now().
import type { KeyNames, KeyPurpose } from '@quittance/vault';
import type { Pool } from 'pg';

/** A process that runs, or ran until lately. */
export interface KeyHolder {
  readonly processId: string;
  readonly app: 'api' | 'worker' | 'webhook';
  readonly host: string;
  readonly pid: number;
  readonly keys: KeyNames;
  /** Since it was last heard of, in milliseconds. */
  readonly silentMs: number;
}

/**
 * A process that stopped in order takes its row away. One that was killed, frozen or cut off is
 * reckoned with for so long: if it wakes up, it may still have the keys it had.
 */
export const HOLDER_LOST_AFTER_MS = 300_000;

/** Rows nobody reckons with any more are kept a day, for whoever wonders. */
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

export class KeyHolders {
  constructor(private readonly pool: Pick<Pool, 'query'>) {}

  /** Says which keys a process has now; those that come first count as in use now. */
  async announce(holder: Omit<KeyHolder, 'silentMs'>): Promise<void> {
    const { processId, app, host, pid, keys } = holder;
    await this.pool.query(ANNOUNCE, [processId, app, host, pid, JSON.stringify(keys)]);
  }

  /** For a process that ends in order. */
  async leave(processId: string): Promise<void> {
    await this.pool.query('DELETE FROM key_holders WHERE process_id = $1', [processId]);
  }

  /** Everybody who is reckoned with. */
  async list(): Promise<KeyHolder[]> {
    return (await this.pool.query<KeyHolder>(LIST, [HOLDER_LOST_AFTER_MS])).rows;
  }

  /**
   * Milliseconds since any process said that this key was active; `undefined` when none ever did.
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
