// Watches that this process consumes jobs. A connection that answers proves nothing: a worker of
// BullMQ can stand still on a healthy connection for ever, and only a new process helps.
import {
  createLogger,
  type Logger,
  type Metrics,
  NotReady,
  OutageLog,
  PeriodicTask,
  within,
} from '@quittance/platform';
import { Canary } from './canary.js';
import type { RedisConnections } from './redis-connections.js';
import type { ResilientWorker } from './resilient-worker.js';

/** The times after which a process that consumes nothing is unready, and ends. */
export interface ConsumptionLimits {
  /** The time until {@link Consumption.check} rejects, in milliseconds. */
  readonly unreadyAfterMs: number;
  /** The time until the process should end, in milliseconds; 0 means never. */
  readonly exitAfterMs: number;
}

/**
 * Half a minute: a worker fetches every ten seconds, and a connection that has fallen silent is
 * replaced after twelve. Two minutes: a restart costs the jobs in hand, so everything that recovers
 * by itself gets the time to do so.
 */
export const CONSUMPTION_LIMITS: ConsumptionLimits = {
  unreadyAfterMs: 30_000,
  exitAfterMs: 120_000,
};

/** The options of {@link Consumption}. */
export interface ConsumptionOptions {
  readonly connections: RedisConnections;
  /** The first part of the canary's keys in Redis, which no queue has. */
  readonly prefix: string;
  /** Returns the workers of this process. Called at each look, because lanes come and go. */
  readonly workers: () => Iterable<ResilientWorker>;
  readonly limits: ConsumptionLimits;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** The time between two canaries, and two looks at the workers. */
const LOOK_EVERY_MS = 5000;
/** The limit for a canary over new connections. Redis answers in milliseconds. */
const PROBE_LIMIT_MS = 5000;
/** A supervisor restarts a process within minutes. */
const NOTE_LASTS_MS = 86_400_000;

/** Sends canaries, counts how long nothing was consumed, and reports a process that is stuck. */
export class Consumption {
  readonly #options: ConsumptionOptions;
  readonly #onPassed: () => void;
  readonly #look: PeriodicTask;
  readonly #outage: OutageLog;
  readonly #everyMs: number;
  readonly #silences = new Map<string, Silence>();
  #canary: Canary | undefined;
  #passed = 0;
  #passedAt = performance.now();
  #lookedAt = performance.now();
  /** The time in which new connections have worked and this process has consumed nothing. */
  #provenMs = 0;
  #isStuck = false;

  /** Called once, with the reason, when this process is stuck and should end. */
  onStuck: (reason: string) => void = () => {};

  constructor(options: ConsumptionOptions) {
    this.#options = options;
    const { limits, log, metrics } = options;
    const exits = metrics.counter({
      name: 'canary_exits_total',
      help: 'Processes that ended because they consumed nothing; counted by their successors.',
    });
    metrics.gauge({
      name: 'canary_age_seconds',
      help: 'Time since this process last consumed its own canary job.',
      collect: (gauge) => gauge.set((performance.now() - this.#passedAt) / 1000),
    });
    this.#onPassed = () => {
      this.#passed += 1;
      this.#passedAt = performance.now();
      if (this.#passed === 1) void this.#countExits((count) => exits.inc(count));
    };
    const messages = { failed: 'jobs are not consumed', over: 'jobs are consumed again' };
    this.#outage = new OutageLog(log, 'warn', messages);
    this.#everyMs = Math.min(LOOK_EVERY_MS, limits.unreadyAfterMs / 4);
    this.#look = new PeriodicTask({
      name: 'consumption',
      everyMs: this.#everyMs,
      run: () => this.#lookOnce(),
      log,
    });
  }

  /** Starts to send canaries. */
  start(): void {
    const { connections, prefix } = this.#options;
    this.#canary = new Canary({ connections, prefix, onPassed: this.#onPassed });
    this.#passedAt = performance.now();
    this.#lookedAt = performance.now();
    this.#look.start();
  }

  /**
   * Rejects with `NotReady` and the reason when the canary or one of the workers has stood still
   * for too long, or no canary has passed since the start.
   */
  async check(): Promise<void> {
    const worst = this.#worst();
    if (worst && worst.ms >= this.#options.limits.unreadyAfterMs)
      throw new NotReady(`${worst.what} for ${Math.round(worst.ms / 1000)} s`);
    if (this.#passed === 0) throw new NotReady('no canary job has passed yet');
  }

  /** Ends the watch and removes its keys from Redis. Close it before the connections. */
  async close(): Promise<void> {
    await this.#look.stop();
    await this.#canary?.close();
  }

  async #lookOnce(): Promise<void> {
    // A look does not wait for Redis, or it would count the wait as a pause of the process.
    void this.#canary?.send().catch(() => undefined);
    const elapsedMs = this.#elapsedMs();
    this.#listen(elapsedMs);
    const worst = this.#worst();
    const { unreadyAfterMs, exitAfterMs } = this.#options.limits;
    if (!worst || worst.ms < unreadyAfterMs) {
      this.#provenMs = 0;
      this.#outage.over();
      return;
    }
    this.#outage.failed(worst.what);
    if (exitAfterMs === 0 || this.#isStuck) return;
    const isOurs = !worst.isRefused && (await this.#canPassOverNewConnections());
    this.#provenMs = isOurs ? this.#provenMs + elapsedMs : 0;
    if (this.#provenMs >= exitAfterMs - unreadyAfterMs) await this.#end(worst.what);
  }

  /**
   * The time since the last look. One look counts at most as two: a process that was suspended
   * finds what arrived meanwhile only afterwards.
   */
  #elapsedMs(): number {
    const now = performance.now();
    const elapsedMs = Math.min(now - this.#lookedAt, 2 * this.#everyMs);
    this.#lookedAt = now;
    return elapsedMs;
  }

  #listen(elapsedMs: number): void {
    const seen = new Set<string>();
    const count = (what: string, signs: number, isRefused = false) => {
      seen.add(what);
      const last = this.#silences.get(what);
      const ms = last?.signs === signs ? last.ms + elapsedMs : 0;
      this.#silences.set(what, { what, signs, ms, isRefused });
    };
    count('no canary job passed', this.#passed);
    for (const worker of this.#options.workers())
      if (worker.shouldFetch)
        count(`nothing was fetched from ${worker.name}`, worker.fetches, worker.isRefused);
    for (const what of this.#silences.keys()) if (!seen.has(what)) this.#silences.delete(what);
  }

  #worst(): Silence | undefined {
    return [...this.#silences.values()].toSorted((one, other) => other.ms - one.ms)[0];
  }

  /** True when another canary passes over new connections: then Redis is not the cause. */
  #canPassOverNewConnections(): Promise<boolean> {
    return this.#overNewConnections(async (connections) => {
      let pass = () => {};
      const passed = new Promise<void>((resolve) => {
        pass = resolve;
      });
      const { prefix } = this.#options;
      const canary = new Canary({ connections, prefix, onPassed: pass });
      try {
        await within(PROBE_LIMIT_MS, Promise.all([canary.send(), passed]));
      } finally {
        await canary.close();
      }
    });
  }

  async #end(reason: string): Promise<void> {
    this.#isStuck = true;
    this.#options.log.error({ reason }, 'this process consumes no jobs although Redis works');
    await this.#overNewConnections(async ({ producer }) => {
      await producer.multi().incr(this.#note).pexpire(this.#note, NOTE_LASTS_MS).exec();
    });
    this.onStuck(reason);
  }

  /** Resolves with false if Redis was unavailable. */
  async #overNewConnections(
    run: (connections: RedisConnections) => Promise<void>,
  ): Promise<boolean> {
    const connections = this.#options.connections.another(SILENT);
    try {
      await connections.check();
      await run(connections);
      return true;
    } catch {
      return false;
    } finally {
      await connections.close();
    }
  }

  /** The number of ended processes that no successor has counted yet. */
  get #note(): string {
    return `${this.#options.prefix}:exits`;
  }

  async #countExits(count: (exits: number) => void): Promise<void> {
    const { producer } = this.#options.connections;
    count(Number((await producer.getdel(this.#note).catch(() => null)) ?? 0));
  }
}

/** The time without a sign of progress. */
interface Silence {
  /** The missing sign, for `/readyz` and the log. */
  readonly what: string;
  /** The number of signs seen so far. */
  readonly signs: number;
  readonly ms: number;
  /** True when Redis refuses the command, so that a new process would not help. */
  readonly isRefused: boolean;
}

/** The connections of the process report an unavailable Redis. */
const SILENT = createLogger({ name: 'canary', level: 'silent' });
