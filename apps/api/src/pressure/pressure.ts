// Rejects or puts off requests before more pressure makes every request slow. There are two kinds.
// When Postgres is short of connections, everybody waits: lists, events, batches and published
// payments go first, new payments next. When the queued payments of a terminal wait for too long,
// only further payments of that terminal are put off: the others have their own turns.
import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { QueuedLanes } from '@quittance/persistence';
import { Logger, Metrics, PeriodicTask, Unavailable } from '@quittance/platform';
import { LaneDrains } from '@quittance/queues';
import { Pool } from 'pg';
import { PressureSettings } from '../config.js';
import { type Level, PressureLevel } from './pressure-level.js';

/** The kinds of requests that may be shed. All others are always answered. */
const KINDS = ['list', 'events', 'batch', 'job', 'payment'] as const;
type ShedKind = (typeof KINDS)[number];
/** The kinds of new payments: single ones, lines of a batch, and published jobs. */
export type PaymentKind = 'payment' | 'batch' | 'job';

const REASONS = ['postgres', 'backlog'] as const;
type Reason = (typeof REASONS)[number];

const LOOK_EVERY_MS = 1_000;
/** The lanes are read less often than Postgres: their depth changes slowly. */
const LOOKS_PER_DRAIN = 5;
/** A slow second may be a pause of this process. */
const SLOW_LOOKS = 2;
/** Postgres recovers quickly once fewer requests wait. */
const POSTGRES_RETRY_SECONDS = 2;
/** Clients retry by themselves up to a minute. */
const BACKLOG_RETRY_SECONDS = { min: 5, max: 60, unknown: 30 };

@Injectable()
export class Pressure implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #look: PeriodicTask;
  readonly #postgres: PressureLevel;
  readonly #backlogs = new Map<string, { readonly lane: string; readonly age: PressureLevel }>();
  readonly #shed;
  #looks = 0;

  constructor(
    private readonly settings: PressureSettings,
    private readonly pool: Pool,
    private readonly queued: QueuedLanes,
    private readonly drains: LaneDrains,
    metrics: Metrics,
    private readonly log: Logger,
  ) {
    const second = settings.postgresWaitMs;
    this.#postgres = new PressureLevel({ first: second / 2, second, enterAfter: SLOW_LOOKS });
    this.#shed = metrics.counter({
      name: 'requests_shed_total',
      help: 'Requests put off under pressure, by their kind and the reason.',
      labels: { kind: KINDS, reason: REASONS },
    });
    metrics.gauge({
      name: 'pressure_level',
      help: 'Pressure by reason: 0 none; 1 lists, events, batches and jobs are shed; 2 payments too.',
      labels: ['reason'],
      collect: (gauge) => {
        const ages = [...this.#backlogs.values()].map(({ age }) => age.level);
        gauge.set({ reason: 'postgres' }, this.#postgres.level);
        gauge.set({ reason: 'backlog' }, Math.max(0, ...ages));
      },
    });
    this.#look = new PeriodicTask({
      name: 'pressure',
      everyMs: LOOK_EVERY_MS,
      run: () => this.look(),
      log,
    });
  }

  onApplicationBootstrap(): void {
    this.#look.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#look.stop();
  }

  /** Throws `overloaded` (503) while Postgres is short of connections for this kind. */
  admit(kind: ShedKind): void {
    if (this.#postgres.level < levelOf(kind)) return;
    this.#shed.inc({ kind, reason: 'postgres' });
    throw overloaded('postgres', POSTGRES_RETRY_SECONDS);
  }

  /** True when the queued payments of a terminal wait too long for a new one of this kind. */
  isBacklogged(kind: PaymentKind, terminalId: string): boolean {
    return (this.#backlogs.get(terminalId)?.age.level ?? 0) >= levelOf(kind);
  }

  /** Returns the fault `overloaded` (503) for a payment that is shed for a backlog. Counts it. */
  backlogged(kind: PaymentKind, terminalId: string): Unavailable {
    this.#shed.inc({ kind, reason: 'backlog' });
    const { min, max, unknown } = BACKLOG_RETRY_SECONDS;
    const lane = this.#backlogs.get(terminalId)?.lane ?? '';
    const seconds = this.drains.secondsOf(lane) ?? unknown;
    return overloaded('backlog', Math.ceil(Math.min(max, Math.max(min, seconds))));
  }

  /** Looks once at Postgres and the lanes. */
  async look(): Promise<void> {
    const before = this.#postgres.level;
    const level = this.#postgres.sample(await this.#turnMs());
    if (level !== before) this.log.warn({ level }, 'the pressure on Postgres changed');
    const lanes = await this.queued.list();
    const waits = new Map<string, { lane: string; seconds: number }>();
    for (const { lane, oldestSeconds } of lanes) {
      if (oldestSeconds * 1_000 < this.settings.backlogAgeMs / 4) continue;
      for (const wait of await this.queued.waitingTerminals(lane))
        waits.set(wait.terminalId, { lane, seconds: wait.oldestSeconds });
    }
    this.#takeWaits(waits);
    this.#looks += 1;
    if (this.#looks % LOOKS_PER_DRAIN === 1) await this.drains.read(lanes.map(({ lane }) => lane));
  }

  #takeWaits(waits: ReadonlyMap<string, { readonly lane: string; readonly seconds: number }>) {
    const second = this.settings.backlogAgeMs;
    for (const [terminalId, { lane }] of waits) {
      const age =
        this.#backlogs.get(terminalId)?.age ??
        new PressureLevel({ first: second / 2, second, enterAfter: 1 });
      this.#backlogs.set(terminalId, { lane, age });
    }
    for (const [terminalId, { lane, age }] of this.#backlogs) {
      const before = age.level;
      const level = age.sample((waits.get(terminalId)?.seconds ?? 0) * 1_000);
      if (level !== before)
        this.log.warn({ terminalId, lane, level }, 'the backlog of a terminal changed');
      if (level === 0 && !waits.has(terminalId)) this.#backlogs.delete(terminalId);
    }
  }

  /**
   * The wait for a connection of the pool, in milliseconds; 0 when one was free. A wait that fails
   * counts until it failed.
   */
  async #turnMs(): Promise<number> {
    const { pool } = this;
    const isBusy = pool.idleCount === 0 && pool.totalCount >= pool.options.max;
    const since = performance.now();
    await pool.connect().then(
      (client) => client.release(),
      () => undefined,
    );
    return isBusy ? performance.now() - since : 0;
  }
}

/** The level of pressure from which a kind is shed. */
function levelOf(kind: ShedKind): Level {
  return kind === 'payment' ? 2 : 1;
}

const DETAILS: Readonly<Record<Reason, string>> = {
  postgres: 'The service is at its limit; nothing was done. Sending the request again is safe.',
  backlog:
    'The payments of this terminal wait too long for the gateway; nothing was done. Sending the request again is safe.',
};

function overloaded(reason: Reason, retryAfterSeconds: number): Unavailable {
  return new Unavailable('overloaded', DETAILS[reason], { retryAfterSeconds });
}
