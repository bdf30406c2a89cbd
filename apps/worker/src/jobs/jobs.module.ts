// The jobs of the worker: submit a payment, inquire about one, advance a refund.
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
  Terminals,
  TransactionOwners,
} from '@quittance/persistence';
import { Logger, waitFor } from '@quittance/platform';
import { RedisConnections } from '@quittance/queues';
import { GatewayModule } from '../gateway.module.js';
import { AskAboutHints } from '../inquiry/gateway-questions.js';
import { InquirePayment, JudgeAbsence } from '../inquiry/inquire-payment.js';
import { WorkerPlaces } from '../places/worker-places.js';
import { AdvanceRefund } from '../refunds/advance-refund.js';
import { InquireRefund } from '../refunds/inquire-refund.js';
import { SubmitRefund } from '../refunds/submit-refund.js';
import { BuildRequest } from '../submission/build-request.js';
import { SubmitPayment } from '../submission/submit-payment.js';
import { WorkerJobs } from './worker-jobs.js';

const REDIS_IS_THERE = Symbol('redis is there');

@Module({
  imports: [PostgresModule, QueuesModule, PaymentStoreModule, VaultModule, GatewayModule],
  providers: [
    ...storeProviders(Terminals, DoubtInquiries, TransactionOwners, CallbackHints),
    {
      // A worker can do nothing without Redis: the app is created once Redis has answered.
      provide: REDIS_IS_THERE,
      inject: [RedisConnections, Logger],
      useFactory: (redis: RedisConnections, log: Logger) =>
        waitFor({ name: 'redis', check: () => redis.check(), log }),
    },
    WorkerPlaces,
    TerminalKeys,
    BuildRequest,
    SubmitPayment,
    AskAboutHints,
    JudgeAbsence,
    InquirePayment,
    SubmitRefund,
    InquireRefund,
    AdvanceRefund,
    WorkerJobs,
  ],
  exports: [Terminals, WorkerJobs],
})
export class JobsModule {}
