// A primary and a real standby that streams from it, as the api reads from them: a test pauses the
// replay of the standby, or kills or freezes it.
import { grantBoth, migrateBoth, onDatabase, PROCESSES } from '@quittance/databases';
import {
  createPool,
  type Queryable,
  Reads,
  Replica,
  REPLICA_DEADLINES,
} from '@quittance/persistence';
import { createLogger, Metrics } from '@quittance/platform';
import { type Pooler, PostgresClock } from '@quittance/postgres';
import type { Pool } from 'pg';
import { ChaosPostgres } from '../../../test/chaos/stack/servers.js';
import { eventually } from '../../../test/support/eventually.js';
import { asRole } from '../../../test/support/postgres.js';
import { Session } from '../../../tools/processes/session.js';
import { addFirstPayment } from './event-list.js';

/** Of hooks and tests: a standby starts, or is back. */
export const START_LIMIT_MS = 120_000;
/** A replica that failed rests for ten seconds. */
export const REST_LIMIT_MS = 30_000;
/** For tests that a slow machine may not decide. */
const PATIENT = { ...REPLICA_DEADLINES, connectMs: 30_000, answerMs: 60_000 };
const PATIENT_LIMITS = { lagMs: 60_000, beatsMs: 60_000 };
/** The database of the payments. */
const NAME = 'replicated';

const log = createLogger({ name: 'test', level: 'silent' });

interface OpenOptions {
  /** False for the deadlines of production. Default true. */
  readonly isPatient?: boolean;
  readonly pooler?: Pooler;
}

/** Reads over a replica, with its metrics. */
export class ReplicaReads {
  constructor(
    readonly reads: Reads,
    readonly pool: Pool,
    readonly metrics: Metrics,
  ) {}

  /** Resolves with the reads that the primary answered, by reason; those with none are absent. */
  async fallbacks(): Promise<Record<string, number>> {
    const counter = await this.metrics.registry
      .getSingleMetric('quittance_replica_fallbacks_total')
      ?.get();
    const counted = counter?.values.filter(({ value }) => value > 0) ?? [];
    return Object.fromEntries(
      counted.map(({ labels, value }) => [String(labels['reason']), value]),
    );
  }

  /** Resolves with true when a read came from a standby. */
  async isFromStandby(): Promise<boolean> {
    return isStandby(this.reads.recent);
  }

  /** Resolves with true when a read came from the replica, also if that is a server that writes. */
  async isFromReplica(): Promise<boolean> {
    const before = await this.fallbacks();
    await isStandby(this.reads.recent);
    return JSON.stringify(await this.fallbacks()) === JSON.stringify(before);
  }

  /** Resolves with the gauge of the lag, in seconds; NaN without one. */
  async lag(): Promise<number> {
    const gauge = await this.metrics.registry
      .getSingleMetric('quittance_replica_lag_seconds')
      ?.get();
    return gauge?.values[0]?.value ?? Number.NaN;
  }
}

/** Resolves with true for a server in recovery. */
export async function isStandby(source: Queryable): Promise<boolean> {
  const { rows } = await source.query<{ is: boolean }>('SELECT pg_is_in_recovery() AS is');
  return rows[0]?.is ?? false;
}

export class ReplicaRig {
  readonly #opened: Reads[] = [];

  private constructor(
    private readonly session: Session,
    readonly primary: ChaosPostgres,
    readonly standby: ChaosPostgres,
    /** Of the tables' owner, on the primary. */
    readonly owner: Pool,
    /** Of the api's role, on the primary. */
    readonly api: Pool,
    readonly clock: PostgresClock,
  ) {}

  static async start(): Promise<ReplicaRig> {
    const session = new Session();
    const primary = await ChaosPostgres.start(session, {
      isDurable: false,
      logName: 'replica-postgres',
    });
    const urls = {
      databaseUrl: primary.databaseUrl(NAME),
      ordersDatabaseUrl: primary.databaseUrl(`${NAME}_orders`),
    };
    await migrateBoth(urls);
    const { password } = new URL(urls.databaseUrl);
    await grantBoth(urls, Object.fromEntries(PROCESSES.map((name) => [name, password])));
    const standby = await primary.addStandby();
    const owner = poolOf(urls.databaseUrl);
    const api = poolOf(asRole(urls.databaseUrl, 'api'));
    const clock = new PostgresClock({ pool: api, log });
    await clock.read();
    clock.start();
    await addFirstPayment(owner);
    return new ReplicaRig(session, primary, standby, owner, api, clock);
  }

  async stop(): Promise<void> {
    await this.closeReads();
    await this.clock.stop();
    await Promise.all([this.owner.end(), this.api.end()]);
    await this.session.stop();
  }

  /** Closes what {@link open} opened. */
  async closeReads(): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((reads) => reads.stop()));
  }

  /** The URL of the standby, as the owner of the tables. */
  get standbyUrl(): string {
    return this.standby.databaseUrl(NAME);
  }

  /** The URL of the primary, as the owner of the tables. */
  get primaryUrl(): string {
    return this.primary.databaseUrl(NAME);
  }

  /** Opens reads as the api does, on the database of an owner's URL. */
  open(url: string, { isPatient = true, pooler = 'none' }: OpenOptions = {}): ReplicaReads {
    const { api, clock } = this;
    const pool = poolOf(asRole(url, 'api'), isPatient ? PATIENT : REPLICA_DEADLINES, pooler);
    const metrics = new Metrics();
    const limits = isPatient ? PATIENT_LIMITS : {};
    const replica = new Replica({ primary: api, pool, clock, log, metrics, limits });
    const reads = new Reads(api, replica);
    reads.start();
    this.#opened.push(reads);
    return new ReplicaReads(reads, pool, metrics);
  }

  /** The same, once the replica answers. */
  async readsFrom(url: string, options: OpenOptions = {}): Promise<ReplicaReads> {
    const made = this.open(url, options);
    const isFit = async () => requireTrue(await made.isFromReplica(), 'the replica answers');
    await eventually(isFit, { limitMs: REST_LIMIT_MS });
    made.metrics.registry.resetMetrics();
    return made;
  }

  /** Runs a statement on the standby. */
  onStandby(sql: string, values: unknown[] = []): Promise<unknown[]> {
    return onDatabase(this.standbyUrl, async (client) => {
      return (await client.query<Record<string, unknown>>(sql, values)).rows;
    });
  }

  /** Waits until the standby has replayed all that the primary has committed. */
  async replayed(): Promise<void> {
    const { rows } = await this.owner.query<{ lsn: string }>(
      'SELECT pg_current_wal_insert_lsn() AS lsn',
    );
    const isPassed = 'SELECT 1 WHERE pg_last_wal_replay_lsn() >= $1';
    await eventually(async () => {
      const found = await this.onStandby(isPassed, [rows[0]?.lsn]);
      requireTrue(found.length > 0, 'the standby has replayed the log');
    });
  }

  /** Runs `work` while the standby receives the log and replays none of it. */
  async whilePaused(work: () => Promise<void>): Promise<void> {
    await this.replayed();
    await this.onStandby('SELECT pg_wal_replay_pause()');
    try {
      const isPaused = `SELECT 1 WHERE pg_get_wal_replay_pause_state() = 'paused'`;
      await eventually(async () => {
        requireTrue((await this.onStandby(isPaused)).length > 0, 'the replay is paused');
      });
      await work();
    } finally {
      await this.onStandby('SELECT pg_wal_replay_resume()');
    }
  }
}

/** Opens a pool that a slow machine does not end. */
export function poolOf(databaseUrl: string, deadlines = PATIENT, pooler: Pooler = 'none'): Pool {
  const options = { connections: 4, pooler, applicationName: 'test', onError: () => undefined };
  return createPool({ databaseUrl, deadlines, ...options });
}

function requireTrue(condition: boolean, expected: string): void {
  if (!condition) throw new Error(`not yet true: ${expected}`);
}
