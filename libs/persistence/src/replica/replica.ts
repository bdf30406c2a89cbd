// A read replica, and whether it may be asked now. Each read is a transaction that begins with the
// beats of the server which it has reached: behind one name there may be several replicas, or after
// a failover another server. A replica that was silent or away rests, so that no further read waits
// for it (docs/adr/0064-a-read-replica.md).
import {
  type Clock,
  errorCodeOf,
  type Logger,
  type Metrics,
  PeriodicTask,
} from '@quittance/platform';
import {
  connectionFault,
  isConnectionSuspect,
  isOverdue,
  isPoolBusy,
  POSTGRES_DEADLINES,
  type PostgresDeadlines,
  sessionFault,
  sqlState,
  withConnection,
} from '@quittance/postgres';
import type { Pool, PoolClient, QueryResult } from 'pg';
import { beat, type Beats, haveCommonBeat, READ_BEATS } from './replica-beat.js';

/** Anything that runs statements one by one. */
export type Queryable = Pick<Pool, 'query'>;

const REASONS = [
  'unreachable',
  'overdue',
  'busy',
  'conflict',
  'lag',
  'foreign',
  'session',
  'behind',
  'failed',
] as const;
/** The reason why a read went to the primary; docs/operations.md explains each. */
export type FallbackReason = (typeof REASONS)[number];

/** Older data are not shown. */
export const LAG_MAX_MS = 5_000;

/** In milliseconds. */
interface ReplicaLimits {
  /** Default {@link LAG_MAX_MS}. */
  readonly lagMs: number;
  /** For the beats. A silent replica costs a read this time once; default a second. */
  readonly beatsMs: number;
}

const LIMITS: ReplicaLimits = { lagMs: LAG_MAX_MS, beatsMs: 1_000 };
/** No read waits a second time in this period. */
const REST_MS = 10_000;
const RESTS: ReadonlySet<FallbackReason> = new Set(['unreachable', 'overdue']);
const LOOK_EVERY_MS = 1_000;
/**
 * Of the pool of a replica: the primary answers instead. The limits of the session are those of the
 * role, which has the same ones on the primary.
 */
export const REPLICA_DEADLINES: PostgresDeadlines = {
  ...POSTGRES_DEADLINES,
  connectMs: 1_000,
  answerMs: 2_500,
};

/**
 * Read committed: the horizon of the list of events has to be older than the snapshot of its page,
 * also on a server that writes.
 */
const BEGIN = `BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; ${READ_BEATS}`;

/** A server that answered, and must not be read from. */
class Unfit extends Error {
  override readonly name = 'Unfit';

  constructor(readonly reason: FallbackReason) {
    super(`the replica is not read from: ${reason}`);
  }
}

export interface ReplicaOptions {
  readonly primary: Queryable;
  /** The replica's, with {@link REPLICA_DEADLINES}; this object's own. */
  readonly pool: Pool;
  /** Of the primary. */
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly limits?: Partial<ReplicaLimits>;
}

export class Replica {
  readonly #options: ReplicaOptions;
  readonly #limits: ReplicaLimits;
  readonly #looks: PeriodicTask;
  readonly #fallbacks;
  #primary: Beats | undefined;
  /** The newest beat that was found on the replica. */
  #foundAt: Date | undefined;
  /** Of the last look. */
  #unfit: FallbackReason | undefined = 'unreachable';
  #rest: { readonly reason: FallbackReason; readonly until: number } | undefined;

  constructor(options: ReplicaOptions) {
    const { metrics, log } = options;
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
    this.#looks = new PeriodicTask({
      name: 'read replica',
      everyMs: LOOK_EVERY_MS,
      run: () => this.look(),
      log,
    });
    this.#fallbacks = metrics.counter({
      name: 'replica_fallbacks_total',
      help: 'Reads that the primary answered in place of the read replica, by the reason.',
      labels: { reason: REASONS },
    });
    metrics.gauge({
      name: 'replica_lag_seconds',
      help: 'Age of the newest data found on the read replica; up to two seconds without any lag.',
      collect: (gauge) => gauge.set(this.lagMs() / 1_000),
    });
  }

  start(): void {
    this.#looks.start();
  }

  /** Closes the pool too. */
  async stop(): Promise<void> {
    await this.#looks.stop();
    await this.#options.pool.end();
  }

  /** NaN before the replica has shown a beat. */
  lagMs(): number {
    return this.#foundAt === undefined ? Number.NaN : this.#ageMs(this.#foundAt);
  }

  /** The time of the primary. */
  now(): Date {
    return this.#options.clock.now();
  }

  /**
   * Runs `work` on one connection to the replica, in one transaction that only reads. Resolves with
   * `undefined` if the primary has to answer: the replica is unfit, failed, or `isGood` rejects the
   * result. Never rejects: a fault of the statement itself shows on the primary too.
   */
  async read<T>(
    work: (source: Queryable) => Promise<T>,
    isGood: (result: T) => boolean,
  ): Promise<{ readonly result: T } | undefined> {
    const unfit = this.#resting() ?? this.#unfit;
    if (unfit !== undefined) return this.#fallBack(unfit);
    try {
      const result = await this.#inTransaction(work);
      return isGood(result) ? { result } : this.#fallBack('behind');
    } catch (error) {
      const reason = reasonOf(error);
      if (RESTS.has(reason)) this.#rest = { reason, until: performance.now() + REST_MS };
      return this.#fallBack(reason);
    }
  }

  /** Decides whether the replica may be asked until the next look. Rejects without the primary. */
  async look(): Promise<void> {
    const { primary, pool } = this.#options;
    this.#primary = await beat(primary);
    try {
      await this.#inTransaction(async (client) => {
        if (await sessionFault(pool, client)) throw new Unfit('session');
      });
      this.#judge(undefined);
    } catch (error) {
      this.#judge(reasonOf(error), error);
    }
  }

  #judge(unfit: FallbackReason | undefined, error?: unknown): void {
    const { log } = this.#options;
    const before = this.#unfit;
    this.#unfit = unfit;
    if (unfit === before) return;
    const facts = { reason: unfit, code: errorCodeOf(error) };
    if (unfit === undefined) log.info('lists are read from the read replica');
    else if (unfit === 'foreign')
      log.error(facts, 'DATABASE_READ_URL is no replica of DATABASE_URL');
    else log.warn(facts, 'lists are read from the primary, not from the read replica');
  }

  #inTransaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    // Without a commit the connection closes, and the next one may lead to another replica.
    return withConnection(this.#options.pool, async (client) => {
      this.#requireFit(await begun(client, this.#limits.beatsMs));
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    });
  }

  /** Throws {@link Unfit} for data that are too old, or another database's. */
  #requireFit(found: Beats | undefined): void {
    if (!found || !this.#primary) throw new Unfit('lag');
    const isOld = this.#ageMs(found.at) > this.#limits.lagMs;
    if (!isOld && !haveCommonBeat(found.beats, this.#primary.beats)) throw new Unfit('foreign');
    this.#foundAt = found.at;
    if (isOld) throw new Unfit('lag');
  }

  #ageMs(at: Date): number {
    return this.now().getTime() - at.getTime();
  }

  #resting(): FallbackReason | undefined {
    return this.#rest && performance.now() < this.#rest.until ? this.#rest.reason : undefined;
  }

  #fallBack(reason: FallbackReason): undefined {
    this.#fallbacks.inc({ reason });
    return undefined;
  }
}

function reasonOf(error: unknown): FallbackReason {
  if (error instanceof Unfit) return error.reason;
  if (connectionFault(error)) return 'session';
  if (isOverdue(error)) return 'overdue';
  if (isPoolBusy(error)) return 'busy';
  // Replay cancels a read that it waits for, with the code of a serialization failure.
  if (sqlState(error).startsWith('40')) return 'conflict';
  return isConnectionSuspect(error) ? 'unreachable' : 'failed';
}

async function begun(client: PoolClient, withinMs: number): Promise<Beats | undefined> {
  const query = { text: BEGIN, query_timeout: withinMs };
  // Two statements in one message have two results, which the types of pg do not know.
  const results = (await client.query(query)) as unknown as readonly QueryResult<Beats>[];
  return results[1]?.rows[0];
}
