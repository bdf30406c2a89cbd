// What the worker does unasked, again and again, and how often.
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
  Asks,
  DuePayments,
  QueueWatch,
  SealedValues,
  StoredInvariants,
} from '@quittance/persistence';
import { Logger, PeriodicTask, type PeriodicTaskOptions } from '@quittance/platform';
import { InvariantSettings } from './config.js';
import { DueSteps } from './due-steps/due-steps.js';
import { ReviveDoubts } from './due-steps/revive-doubts.js';
import { GatewayModule } from './gateway.module.js';
import { CheckInvariants } from './invariants/check-invariants.js';
import { GatewayAgreement } from './invariants/gateway-agreement.js';
import { QueueAgreement } from './invariants/queue-agreement.js';
import { JobsModule } from './jobs/jobs.module.js';
import { WorkerJobs } from './jobs/worker-jobs.js';
import { EndNeverSent } from './never-sent/end-never-sent.js';
import { RebuildQueues } from './queue-rebuild/rebuild-queues.js';
import { UndeliveredEvents } from './queue-rebuild/undelivered-events.js';
import { ResealStored } from './resealing/reseal-stored.js';

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

/** Starts after the jobs, and stops before them. */
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
    ...storeProviders(Asks, DuePayments, QueueWatch, SealedValues, StoredInvariants),
    DueSteps,
    ReviveDoubts,
    EndNeverSent,
    ResealStored,
    UndeliveredEvents,
    RebuildQueues,
    QueueAgreement,
    GatewayAgreement,
    CheckInvariants,
  ],
})
export class PeriodicWorkModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #tasks: readonly PeriodicTask[];

  constructor(
    log: Logger,
    jobs: WorkerJobs,
    dueSteps: DueSteps,
    doubts: ReviveDoubts,
    neverSent: EndNeverSent,
    resealing: ResealStored,
    rebuild: RebuildQueues,
    invariants: CheckInvariants,
    settings: InvariantSettings,
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
      every(JOBS_EVERY_MS, 'taking jobs', () => jobs.takeWhilePostgresIsThere(), {
        startsLater: true,
      }),
      every(LANES_EVERY_MS, 'lanes', () => jobs.startLanes()),
      every(REBUILD_EVERY_MS, 'queue rebuild', () => rebuild.check()),
      // After a long stop everything is overdue; the tasks above are given a pause to take it up.
      every(settings.everyMs, 'invariants', () => invariants.check(), {
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
