// The worker's periodic tasks and their intervals.
import {
  type BeforeApplicationShutdown,
  Module,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import {
  PaymentStoreModule,
  PostgresModule,
  QueuesModule,
  storeProviders,
  VaultModule,
} from '@quittance/modules';
import {
  StepRequests,
  DuePayments,
  EventReplays,
  QueueWatch,
  Retention,
  SealedValues,
  StoredInvariants,
} from '@quittance/persistence';
import { Logger, PeriodicTask, type PeriodicTaskOptions } from '@quittance/platform';
import { Breakers } from './breaker/breakers.js';
import { GatewaySettings, InvariantSettings } from './config.js';
import { DueSteps } from './due-steps/due-steps.js';
import { DoubtRevival } from './due-steps/doubt-revival.js';
import { EventReplayPass } from './event-replays/event-replay-pass.js';
import { GatewayModule } from './gateway.module.js';
import { InvariantCheck } from './invariants/invariant-check.js';
import { GatewayAgreement } from './invariants/gateway-agreement.js';
import { QueueAgreement } from './invariants/queue-agreement.js';
import { JobsModule } from './jobs/jobs.module.js';
import { WorkerJobs } from './jobs/worker-jobs.js';
import { NeverSentSweeper } from './never-sent/never-sent-sweeper.js';
import { QueueRebuild } from './queue-rebuild/queue-rebuild.js';
import { UndeliveredEvents } from './queue-rebuild/undelivered-events.js';
import { Resealer } from './resealing/resealer.js';
import { RetentionPass } from './retention/retention-pass.js';

/** The resolution of the due times of retries and inquiries. */
const DUE_STEPS_EVERY_MS = 250;
/** The delay of inquiries after a change of the terminal; the CLI makes them due at once. */
const REVIVE_EVERY_MS = 30_000;
/** The longest time that a stored card outlives its payment's submission deadline. */
const NEVER_SENT_EVERY_MS = 1_000;
/** The delay until values of a retired key are encrypted with the active one. */
const RESEAL_EVERY_MS = 10_000;
/** The delay until a worker without Postgres pauses, and until it resumes. */
const JOBS_EVERY_MS = 1_000;
/** The delay until a new lane has workers, and until a lane's settings apply. */
const LANES_EVERY_MS = 2_000;
/** The delay until a Redis that lost its queues is detected. */
const REBUILD_EVERY_MS = 2_000;
/** The delay until a requested replay begins, and its pause while a subscriber is behind. */
const REPLAY_EVERY_MS = 1_000;
/** The delay until old data ends is days; this is the delay after a change of its settings. */
const RETENTION_EVERY_MS = 60_000;

/** Starts after the jobs and stops before them. */
@Module({
  imports: [
    PostgresModule,
    QueuesModule,
    PaymentStoreModule,
    VaultModule,
    GatewayModule,
    JobsModule,
  ],
  providers: [
    ...storeProviders(
      StepRequests,
      DuePayments,
      EventReplays,
      QueueWatch,
      Retention,
      SealedValues,
      StoredInvariants,
    ),
    DueSteps,
    DoubtRevival,
    NeverSentSweeper,
    Resealer,
    UndeliveredEvents,
    QueueRebuild,
    QueueAgreement,
    GatewayAgreement,
    InvariantCheck,
    EventReplayPass,
    RetentionPass,
  ],
})
export class PeriodicWorkModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #tasks: readonly PeriodicTask[];

  constructor(
    log: Logger,
    jobs: WorkerJobs,
    dueSteps: DueSteps,
    doubts: DoubtRevival,
    neverSent: NeverSentSweeper,
    resealing: Resealer,
    rebuild: QueueRebuild,
    invariants: InvariantCheck,
    replays: EventReplayPass,
    retention: RetentionPass,
    settings: InvariantSettings,
    breakers: Breakers,
    { breakerInquiryMs }: GatewaySettings,
  ) {
    const every = (
      everyMs: number,
      name: string,
      run: PeriodicTaskOptions['run'],
      options: Pick<PeriodicTaskOptions, 'jitter' | 'startsLater'> = {},
    ) => new PeriodicTask({ name, everyMs, run, log, ...options });
    const spread = { jitter: 0.2 };
    this.#tasks = [
      every(DUE_STEPS_EVERY_MS, 'due steps', () => dueSteps.enqueue(), spread),
      every(REVIVE_EVERY_MS, 'given-up doubts', () => doubts.revive(), spread),
      every(NEVER_SENT_EVERY_MS, 'never sent', () => neverSent.end(), spread),
      every(RESEAL_EVERY_MS, 'resealing', () => resealing.reseal(), spread),
      every(JOBS_EVERY_MS, 'taking jobs', () => jobs.pauseWithoutPostgres(), {
        startsLater: true,
      }),
      every(LANES_EVERY_MS, 'lanes', () => jobs.serveLanes()),
      // Not awaited: a gateway that does not reply must not delay the inquiries at others.
      every(breakerInquiryMs, 'breakers', async () => void breakers.inquire(), spread),
      every(REBUILD_EVERY_MS, 'queue rebuild', () => rebuild.check()),
      every(REPLAY_EVERY_MS, 'event replays', () => replays.replay(), spread),
      // After a long stop everything is overdue. The pause lets the tasks above catch up first.
      every(settings.everyMs, 'invariants', () => invariants.check(), {
        ...spread,
        startsLater: true,
      }),
      every(RETENTION_EVERY_MS, 'retention', (signal) => retention.end(signal), {
        ...spread,
        startsLater: true,
      }),
    ];
  }

  onApplicationBootstrap(): void {
    for (const task of this.#tasks) task.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.#tasks.map((task) => task.stop()));
  }
}
