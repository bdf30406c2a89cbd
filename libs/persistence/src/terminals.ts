// Merchants' accounts at the gateway. Read for every payment, changed rarely: cached for seconds,
// and never older than the payment to decide on. SQL: xmin is the version, and a payment pays for
// the look-up (ADR 37).
import type { TerminalMode } from '@quittance/payments';
import { atMost } from '@quittance/platform';
import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';

/** A terminal; its private key is encrypted for the processes that call the gateway. */
export interface Terminal {
  readonly id: string;
  /**
   * Different after every change (Postgres's xmin). It shows if two reads are of the same row, not
   * which one is newer.
   */
  readonly version: string;
  readonly merchantId: string;
  /** The merchant's name for it, unique within the merchant. */
  readonly name: string;
  readonly baseUrl: string;
  /** `terNO` at the gateway. */
  readonly number: number;
  readonly publicKey: string;
  readonly sealedPrivateKey: string;
  readonly protocol: 'encrypted' | 'plain';
  readonly callbackEncryption: 'aes256' | 'none';
  readonly mode: TerminalMode;
  readonly lane: string;
  readonly inquiry: 'trans_id' | 'reference' | 'probe';
  /** The time after which "not found" is an answer, in milliseconds; null: never. */
  readonly absentAfterMs: number | null;
  /** While set, its payments stay queued. */
  readonly pausedReason: string | null;
}

/** A terminal as read by processes that do not need its key. */
export type TerminalWithoutKey = Omit<Terminal, 'sealedPrivateKey'>;

/** The longest time that a change goes unnoticed by a caller that does not name a version. */
const CACHE_TTL_MS = 5_000;
const CACHED_MAX = 10_000;

const WITHOUT_KEY = `id, xmin::text AS version, merchant_id AS "merchantId", name, base_url AS "baseUrl", number, public_key AS "publicKey",
  protocol, callback_encryption AS "callbackEncryption", mode, lane, inquiry,
  paused_reason AS "pausedReason",
  absent_after_ms::float8 AS "absentAfterMs"`;
const WITH_KEY = `${WITHOUT_KEY}, sealed_private_key AS "sealedPrivateKey"`;

/** The terminals as such a process reads them. */
export type TerminalsWithoutKeys = Terminals<TerminalWithoutKey>;

export class Terminals<Read extends TerminalWithoutKey = Terminal> {
  readonly #pool: Pool;
  readonly #columns: string;
  readonly #byId: LRUCache<string, Read>;
  readonly #byName: LRUCache<string, Read>;

  constructor(pool: Pool, columns = WITH_KEY) {
    this.#pool = pool;
    this.#columns = columns;
    const options = { ...atMost(CACHED_MAX), ttl: CACHE_TTL_MS };
    this.#byId = new LRUCache({
      ...options,
      fetchMethod: (id: string) => this.#find('id = $1', [id]),
    });
    this.#byName = new LRUCache({
      ...options,
      fetchMethod: (key: string) =>
        this.#find('merchant_id = $1 AND name = $2', JSON.parse(key) as string[]),
    });
  }

  /** Creates the reader for a process whose role may not read the keys. */
  static withoutKeys(pool: Pool): TerminalsWithoutKeys {
    return new Terminals<TerminalWithoutKey>(pool, WITHOUT_KEY);
  }

  /**
   * Returns the terminal, or `undefined` if there is none. `version` is the one read with the
   * payment: a cached terminal of another version is read again, so that a step that came due by a
   * change of the terminal is never decided by its previous state.
   */
  async load(id: string, version?: string): Promise<Read | undefined> {
    const known = await this.#byId.fetch(id);
    if (version === undefined || known?.version === version) return known;
    const read = await this.#find('id = $1', [id]);
    if (read) this.#byId.set(id, read);
    return read;
  }

  /** Returns a merchant's terminal by the merchant's name for it. */
  loadByName(merchantId: string, name: string): Promise<Read | undefined> {
    return this.#byName.fetch(JSON.stringify([merchantId, name]));
  }

  /** Returns the lanes that terminals use now. */
  async lanes(): Promise<string[]> {
    const { rows } = await this.#pool.query<{ lane: string }>(
      'SELECT DISTINCT lane FROM terminals ORDER BY lane',
    );
    return rows.map(({ lane }) => lane);
  }

  /**
   * Pauses a terminal, whose payments then wait until an operator resumes it; the first reason
   * stays.
   */
  async pause(id: string, reason: string, now: Date): Promise<void> {
    await this.#pool.query(
      'UPDATE terminals SET paused_at = $2, paused_reason = $3 WHERE id = $1 AND paused_at IS NULL',
      [id, now, reason],
    );
    this.#byId.delete(id);
  }

  async #find(condition: string, values: string[]): Promise<Read | undefined> {
    const { rows } = await this.#pool.query<Read>(
      `SELECT ${this.#columns} FROM terminals WHERE ${condition}`,
      values,
    );
    return rows[0];
  }
}
