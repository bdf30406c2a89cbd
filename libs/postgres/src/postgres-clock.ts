// The one clock for deadlines on every host: Postgres's. The process reads it every few seconds and
// extrapolates with the monotonic clock in between. A wall clock that is wrong or jumps therefore
// moves no deadline.
import {
  CheckNote,
  Clock,
  InvariantViolation,
  type Logger,
  type Metrics,
  PeriodicTask,
} from '@quittance/platform';
import type { Pool, PoolClient } from 'pg';
import { ReadOnlyError } from './errors.js';
import { examineSession } from './session.js';

/** Interval between readings. A monotonic clock drifts by a fraction of a millisecond meanwhile. */
const READ_EVERY_MS = 5_000;
/** Queries per reading. The quickest counts, because half its round trip bounds its error. */
const SAMPLES = 3;
/** An error bound at which one query suffices. */
const PRECISE_MS = 2;
const ANSWER_MS = 1_500;
/** Upper bound of the relative drift between two clocks of one machine. */
const DRIFT = 0.000_5;
/**
 * A larger offset of the wall clock is reported, because signatures, certificates and BullMQ's
 * delays depend on it.
 */
export const WALL_CLOCK_LIMIT_MS = 1_000;

const NOW = `SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms, pg_is_in_recovery() AS "isStandby"`;

/** A reading of Postgres's clock, in milliseconds. */
interface Reading {
  /** Postgres's time minus the monotonic clock's. */
  readonly offset: number;
  /** The largest error of `offset` in either direction at `takenAt`. */
  readonly uncertainty: number;
  /** On the monotonic clock. */
  readonly takenAt: number;
}

/**
 * Dependencies of the clock. `wall` and `monotonic` are the process's own clocks, in milliseconds.
 */
export interface PostgresClockOptions {
  readonly pool: Pool;
  readonly log: Logger;
  readonly metrics?: Metrics;
  readonly wall?: () => number;
  readonly monotonic?: () => number;
}

/** The time of Postgres, extrapolated between readings. */
export class PostgresClock extends Clock {
  readonly #pool: Pool;
  readonly #log: Logger;
  readonly #wall: () => number;
  readonly #monotonic: () => number;
  readonly #loop: PeriodicTask;
  #reading: Reading | undefined;
  /** The last wall clock offset that was logged; 0 while it is within the limit. */
  #loggedMs = 0;

  constructor({ pool, log, metrics, wall, monotonic }: PostgresClockOptions) {
    super();
    this.#pool = pool;
    this.#log = log;
    this.#wall = wall ?? (() => Date.now());
    this.#monotonic = monotonic ?? (() => performance.now());
    this.#loop = new PeriodicTask({
      name: 'clock',
      everyMs: READ_EVERY_MS,
      jitter: 0.1,
      startsLater: true,
      run: () => this.read(),
      log,
    });
    metrics?.gauge({
      name: 'wall_clock_offset_seconds',
      help: 'Seconds by which this host’s clock is ahead of Postgres’s, which decides deadlines.',
      collect: (gauge) => gauge.set(this.#reading ? this.wallOffsetMs() / 1_000 : 0),
    });
  }

  /**
   * Throws {@link InvariantViolation} before the first reading. A process reads the clock before it
   * serves.
   */
  override now(): Date {
    if (!this.#reading)
      throw new InvariantViolation('clock_not_set', 'the clock of Postgres has not been read yet');
    return new Date(Math.round(this.#reading.offset + this.#monotonic()));
  }

  /** Returns the milliseconds by which the process's wall clock is ahead of Postgres's. */
  wallOffsetMs(): number {
    return this.#wall() - this.now().getTime();
  }

  /**
   * Reads the clock of Postgres. Rejects when Postgres does not answer, or is a standby, whose
   * clock is another; the clock then continues from the last reading. A connection to a standby is
   * closed, so that after a failover a process that only reads leaves the old primary.
   */
  async read(): Promise<void> {
    const read = (client: PoolClient) => this.#bestSample(client);
    this.#take(await examineSession(this.#pool, read, ANSWER_MS));
    this.#logWallOffset();
  }

  /** Starts reading every few seconds. */
  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** For `/readyz`. A wall clock that is off is noted but does not make the process unready. */
  readonly check = async (): Promise<CheckNote | undefined> => {
    const note = noteOf(this.wallOffsetMs());
    return note === undefined ? undefined : new CheckNote(note);
  };

  async #bestSample(client: PoolClient): Promise<Reading> {
    let best: Reading | undefined;
    for (let taken = 0; taken < SAMPLES; taken += 1) {
      const reading = await this.#sample(client);
      if (!best || reading.uncertainty < best.uncertainty) best = reading;
      if (best.uncertainty <= PRECISE_MS) break;
    }
    return best as Reading;
  }

  async #sample(client: PoolClient): Promise<Reading> {
    const from = this.#monotonic();
    const query = { text: NOW, query_timeout: ANSWER_MS };
    const { rows } = await client.query<{ ms: number; isStandby: boolean }>(query);
    if (rows[0]?.isStandby) throw new ReadOnlyError();
    const takenAt = this.#monotonic();
    const uncertainty = (takenAt - from) / 2;
    return { offset: (rows[0]?.ms ?? 0) - (from + uncertainty), uncertainty, takenAt };
  }

  /**
   * Takes the more precise of two readings that agree. If they disagree, the time was set on
   * Postgres, and the newer reading is right.
   */
  #take(reading: Reading): void {
    const before = this.#reading;
    const age = before ? reading.takenAt - before.takenAt : 0;
    const stale = before ? before.uncertainty + age * DRIFT : Infinity;
    const disagrees =
      before && Math.abs(reading.offset - before.offset) > stale + reading.uncertainty;
    if (disagrees || reading.uncertainty <= stale) this.#reading = reading;
  }

  #logWallOffset(): void {
    const offsetMs = this.wallOffsetMs();
    const isOff = Math.abs(offsetMs) > WALL_CLOCK_LIMIT_MS;
    if (isOff && Math.abs(offsetMs - this.#loggedMs) > WALL_CLOCK_LIMIT_MS) {
      this.#log.warn({ offsetMs: Math.round(offsetMs) }, noteOf(offsetMs));
      this.#loggedMs = offsetMs;
    }
    if (!isOff && this.#loggedMs !== 0) {
      this.#log.info({ offsetMs: Math.round(offsetMs) }, 'the clock of this host is correct again');
      this.#loggedMs = 0;
    }
  }
}

/** Returns `undefined` while the offset is within the limit. */
function noteOf(offsetMs: number): string | undefined {
  if (Math.abs(offsetMs) <= WALL_CLOCK_LIMIT_MS) return undefined;
  const seconds = (Math.abs(offsetMs) / 1_000).toFixed(1);
  const direction = offsetMs > 0 ? 'ahead of' : 'behind';
  return `the clock of this host is ${seconds} s ${direction} Postgres's, which is used instead`;
}
