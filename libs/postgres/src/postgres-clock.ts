// The one clock by which deadlines are judged, whichever host judges them: Postgres's. It is asked
// every few seconds and carried on by the monotonic clock in between, so that a wall clock that is
// wrong, or jumps, moves no deadline.
import {
  CheckNote,
  Clock,
  InvariantViolation,
  type Logger,
  type Metrics,
  PeriodicTask,
} from '@quittance/platform';
import type { Pool, PoolClient } from 'pg';
import { withConnection } from './transaction.js';

/**
 * How often Postgres is asked. A monotonic clock drifts by a fraction of a millisecond meanwhile.
 */
const ASK_EVERY_MS = 5_000;
/** Of so many questions the quickest counts: half its round trip is how wrong its answer may be. */
const QUESTIONS = 3;
/** So good an answer needs no second question. */
const GOOD_MS = 2;
const ANSWER_MS = 1_500;
/** Two clocks of one machine drift apart by less than this part of the time. */
const DRIFT = 0.000_5;
/**
 * A wall clock that is off by more is reported. Signatures, certificates and BullMQ's delays depend
 * on it.
 */
export const WALL_CLOCK_LIMIT_MS = 1_000;

const QUESTION = `SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms`;

/** What Postgres's clock said, in milliseconds. */
interface Reading {
  /** Postgres's time less the monotonic clock's. */
  readonly offset: number;
  /** How wrong `offset` may be, either way, at `takenAt`. */
  readonly uncertainty: number;
  /** By the monotonic clock. */
  readonly takenAt: number;
}

/** What the clock needs. `wall` and `monotonic` are the process's own clocks, in milliseconds. */
export interface PostgresClockOptions {
  readonly pool: Pool;
  readonly log: Logger;
  readonly metrics?: Metrics;
  readonly wall?: () => number;
  readonly monotonic?: () => number;
}

/** Postgres's time; see the top of this file. */
export class PostgresClock extends Clock {
  readonly #pool: Pool;
  readonly #log: Logger;
  readonly #wall: () => number;
  readonly #monotonic: () => number;
  readonly #loop: PeriodicTask;
  #reading: Reading | undefined;
  /** The offset of the wall clock that was said last; 0 while it is within the limit. */
  #saidMs = 0;

  constructor({ pool, log, metrics, wall, monotonic }: PostgresClockOptions) {
    super();
    this.#pool = pool;
    this.#log = log;
    this.#wall = wall ?? (() => Date.now());
    this.#monotonic = monotonic ?? (() => performance.now());
    this.#loop = new PeriodicTask({
      name: 'clock',
      everyMs: ASK_EVERY_MS,
      jitter: 0.1,
      startsLater: true,
      run: () => this.ask(),
      log,
    });
    metrics?.gauge({
      name: 'wall_clock_offset_seconds',
      help: 'How far the clock of this host is ahead of Postgres’s, by which deadlines are judged.',
      collect: (gauge) => gauge.set(this.#reading ? this.wallOffsetMs() / 1_000 : 0),
    });
  }

  /** Throws {@link InvariantViolation} before the first answer: a process asks before it serves. */
  override now(): Date {
    if (!this.#reading)
      throw new InvariantViolation('clock_not_set', 'Postgres has not been asked for the time yet');
    return new Date(Math.round(this.#reading.offset + this.#monotonic()));
  }

  /** How far the process's own wall clock is ahead of Postgres's, in milliseconds. */
  wallOffsetMs(): number {
    return this.#wall() - this.now().getTime();
  }

  /** Asks Postgres. Rejects when it does not answer; the time goes on from what it said before. */
  async ask(): Promise<void> {
    this.#take(await withConnection(this.#pool, (client) => this.#bestOf(client)));
    this.#tellWall();
  }

  /** Asks every few seconds, from now on. */
  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** For `/readyz`: a wall clock that is off is said and no reason to stop. */
  readonly check = async (): Promise<CheckNote | undefined> => {
    const note = noteOf(this.wallOffsetMs());
    return note === undefined ? undefined : new CheckNote(note);
  };

  async #bestOf(client: PoolClient): Promise<Reading> {
    let best: Reading | undefined;
    for (let asked = 0; asked < QUESTIONS; asked += 1) {
      const reading = await this.#askOnce(client);
      if (!best || reading.uncertainty < best.uncertainty) best = reading;
      if (best.uncertainty <= GOOD_MS) break;
    }
    return best as Reading;
  }

  async #askOnce(client: PoolClient): Promise<Reading> {
    const from = this.#monotonic();
    const question = { text: QUESTION, query_timeout: ANSWER_MS };
    const { rows } = await client.query<{ ms: number }>(question);
    const takenAt = this.#monotonic();
    const uncertainty = (takenAt - from) / 2;
    return { offset: (rows[0]?.ms ?? 0) - (from + uncertainty), uncertainty, takenAt };
  }

  /**
   * The better of two readings that agree; where they do not, time was set there, and the newer one
   * is right.
   */
  #take(reading: Reading): void {
    const before = this.#reading;
    const age = before ? reading.takenAt - before.takenAt : 0;
    const stale = before ? before.uncertainty + age * DRIFT : Infinity;
    const disagrees =
      before && Math.abs(reading.offset - before.offset) > stale + reading.uncertainty;
    if (disagrees || reading.uncertainty <= stale) this.#reading = reading;
  }

  #tellWall(): void {
    const offsetMs = this.wallOffsetMs();
    const isOff = Math.abs(offsetMs) > WALL_CLOCK_LIMIT_MS;
    if (isOff && Math.abs(offsetMs - this.#saidMs) > WALL_CLOCK_LIMIT_MS) {
      this.#log.warn({ offsetMs: Math.round(offsetMs) }, noteOf(offsetMs));
      this.#saidMs = offsetMs;
    }
    if (!isOff && this.#saidMs !== 0) {
      this.#log.info({ offsetMs: Math.round(offsetMs) }, 'the clock of this host is right again');
      this.#saidMs = 0;
    }
  }
}

/** `undefined` while it is within the limit. */
function noteOf(offsetMs: number): string | undefined {
  if (Math.abs(offsetMs) <= WALL_CLOCK_LIMIT_MS) return undefined;
  const seconds = (Math.abs(offsetMs) / 1_000).toFixed(1);
  const direction = offsetMs > 0 ? 'ahead of' : 'behind';
  return `the clock of this host is ${seconds} s ${direction} Postgres's, which is used instead`;
}
