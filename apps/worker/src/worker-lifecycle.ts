// Starts the worker's loops and stops them in the one order in which nothing is cut: no new jobs, finish what may be on the
// wire, relay what was committed, then let go of the connections.
import type { EventPublisher } from '@quittance/events';
import type { GatewayClient } from '@quittance/gateway';
import type { KeyWatch, OutboxRelay, Terminals } from '@quittance/persistence';
import { type Logger, PeriodicTask } from '@quittance/platform';
import type { JobConsumer, QueueRegistry, RedisConnections } from '@quittance/queues';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { Pool } from 'pg';
import { postgresCheck, type PostgresClock } from '@quittance/postgres';
import { takeWhile } from './assembly/give-back.js';
import type { CheckInvariants } from './invariants/check-invariants.js';
import type { DueSteps } from './due-steps/due-steps.js';
import type { ReviveDoubts } from './due-steps/revive-doubts.js';
import type { EndNeverSent } from './never-sent/end-never-sent.js';
import type { ResealStored } from './resealing/reseal-stored.js';
import type { RebuildQueues } from './queue-rebuild/rebuild-queues.js';

/** How often due times are looked at: the grain of every retry and inquiry. */
const DUE_STEPS_EVERY_MS = 250;
/** How long a doubt goes unasked after a terminal was changed by something else than the CLI, which asks at once. */
const REVIVE_EVERY_MS = 30_000;
/** How long a card may stay after its payment's time to be sent is over. */
const NEVER_SENT_EVERY_MS = 1_000;
/** How long a retired key stays needed by what could be sealed anew. */
const RESEAL_EVERY_MS = 10_000;
/** How soon a worker without Postgres leaves the jobs to others, and takes them again. */
const JOBS_EVERY_MS = 1_000;
/** How soon a new lane is worked on. */
const LANES_EVERY_MS = 2_000;

/** How soon a Redis without its queues is noticed. */
const REBUILD_EVERY_MS = 2_000;

interface Parts {
  readonly clock: PostgresClock;
  readonly keyWatch: KeyWatch;
  readonly consumer: JobConsumer;
  readonly dueSteps: DueSteps;
  readonly reviving: ReviveDoubts;
  readonly neverSent: EndNeverSent;
  readonly resealing: ResealStored;
  readonly rebuild: RebuildQueues;
  readonly invariants: CheckInvariants;
  readonly relay: OutboxRelay;
  readonly terminals: Terminals;
  readonly publisher: EventPublisher;
  readonly queues: QueueRegistry;
  readonly gateway: GatewayClient;
  readonly redis: RedisConnections;
  readonly pool: Pool;
  readonly log: Logger;
}

interface Times {
  readonly stopLimitMs: number;
  readonly checkInvariantsEveryMs: number;
}

export class WorkerLifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #parts: Parts;
  readonly #stopLimitMs: number;
  readonly #loops: readonly PeriodicTask[];

  constructor(parts: Parts, { stopLimitMs, checkInvariantsEveryMs }: Times) {
    const { dueSteps, reviving, neverSent, resealing, rebuild, invariants, log } = parts;
    this.#parts = parts;
    const checkPostgres = postgresCheck(parts.pool);
    this.#stopLimitMs = stopLimitMs;
    this.#loops = [
      new PeriodicTask({
        name: 'due steps',
        everyMs: DUE_STEPS_EVERY_MS,
        jitter: 0.2,
        run: () => dueSteps.enqueue(),
        log,
      }),
      new PeriodicTask({
        name: 'given-up doubts',
        everyMs: REVIVE_EVERY_MS,
        jitter: 0.2,
        run: () => reviving.revive(),
        log,
      }),
      new PeriodicTask({
        name: 'never sent',
        everyMs: NEVER_SENT_EVERY_MS,
        jitter: 0.2,
        run: () => neverSent.end(),
        log,
      }),
      new PeriodicTask({
        name: 'resealing',
        everyMs: RESEAL_EVERY_MS,
        jitter: 0.2,
        run: () => resealing.reseal(),
        log,
      }),
      new PeriodicTask({
        name: 'taking jobs',
        everyMs: JOBS_EVERY_MS,
        startsLater: true,
        run: () => takeWhile(parts.consumer, checkPostgres),
        log,
      }),
      new PeriodicTask({
        name: 'lanes',
        everyMs: LANES_EVERY_MS,
        run: () => this.#startLanes(),
        log,
      }),
      new PeriodicTask({
        name: 'queue rebuild',
        everyMs: REBUILD_EVERY_MS,
        run: () => rebuild.check(),
        log,
      }),
      new PeriodicTask({
        name: 'invariants',
        everyMs: checkInvariantsEveryMs,
        jitter: 0.2,
        // After a long stop everything is overdue; the loops above are given a pause to take it up.
        startsLater: true,
        run: () => invariants.check(),
        log,
      }),
    ];
  }

  async onApplicationBootstrap(): Promise<void> {
    const { clock, keyWatch, consumer, relay } = this.#parts;
    clock.start();
    await keyWatch.start();
    await this.#startLanes();
    consumer.start();
    relay.start();
    for (const loop of this.#loops) loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    const { clock, keyWatch, consumer, relay, publisher, queues, gateway, redis, pool } =
      this.#parts;
    await Promise.all(this.#loops.map((loop) => loop.stop()));
    await consumer.close(this.#stopLimitMs);
    await Promise.all([clock.stop(), keyWatch.stop()]);
    // One last pass for what the finished jobs committed; if Redis is away, the rows wait for the next process.
    await relay.stop();
    await relay.relayBatch().catch(() => undefined);
    gateway.close();
    await Promise.all([publisher.close(), queues.close()]);
    await redis.close();
    await pool.end();
  }

  async #startLanes(): Promise<void> {
    const { consumer, terminals } = this.#parts;
    for (const lane of await terminals.lanes()) consumer.startLane(lane);
  }
}
