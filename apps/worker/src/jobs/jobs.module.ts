// Provides the handlers of the worker's jobs: submit a payment, inquire about one, advance a
// refund.
import { Module } from '@nestjs/common';
import {
  PaymentStoreModule,
  PostgresModule,
  QueuesModule,
  storeProviders,
  TerminalKeys,
  VaultModule,
} from '@quittance/modules';
import {
  CallbackHints,
  DoubtInquiries,
  LaneHeartbeats,
  Lanes,
  Terminals,
  TransactionOwners,
} from '@quittance/persistence';
import { Logger, waitFor } from '@quittance/platform';
import { RedisConnections } from '@quittance/queues';
import { Breakers } from '../breaker/breakers.js';
import { GatewayModule } from '../gateway.module.js';
import { HintInquiry } from '../inquiry/inquiry-strategies.js';
import { PaymentInquiry, AbsenceJudge } from '../inquiry/payment-inquiry.js';
import { LaneGate } from '../lanes/lane-gate.js';
import { LaneRate } from '../lanes/lane-rate.js';
import { WorkerLanes } from '../lanes/worker-lanes.js';
import { WorkerPlaces } from '../places/worker-places.js';
import { RefundSteps } from '../refunds/refund-steps.js';
import { RefundInquiry } from '../refunds/refund-inquiry.js';
import { RefundSubmission } from '../refunds/refund-submission.js';
import { CreateRequestBuilder } from '../submission/create-request-builder.js';
import { PaymentSubmission } from '../submission/payment-submission.js';
import { JobWatch } from './job-watch.js';
import { WorkerJobs } from './worker-jobs.js';

const REDIS_IS_THERE = Symbol('redis is there');

@Module({
  imports: [PostgresModule, QueuesModule, PaymentStoreModule, VaultModule, GatewayModule],
  providers: [
    ...storeProviders(
      Terminals,
      Lanes,
      LaneHeartbeats,
      DoubtInquiries,
      TransactionOwners,
      CallbackHints,
    ),
    {
      // A worker can do nothing without Redis, so the app starts once Redis has responded.
      provide: REDIS_IS_THERE,
      inject: [RedisConnections, Logger],
      useFactory: (redis: RedisConnections, log: Logger) =>
        waitFor({ name: 'redis', check: () => redis.check(), log }),
    },
    WorkerPlaces,
    Breakers,
    LaneRate,
    LaneGate,
    WorkerLanes,
    TerminalKeys,
    CreateRequestBuilder,
    PaymentSubmission,
    HintInquiry,
    AbsenceJudge,
    PaymentInquiry,
    RefundSubmission,
    RefundInquiry,
    RefundSteps,
    WorkerJobs,
    JobWatch,
  ],
  exports: [Breakers, Terminals, WorkerJobs, WorkerLanes, JobWatch],
})
export class JobsModule {}
