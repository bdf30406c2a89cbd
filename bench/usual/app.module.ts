// The app: Redis for all processes, and the module of the one that this is.
import { BullModule } from '@nestjs/bullmq';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import type { Role } from '../contestant.js';
import { CallbacksModule } from './callbacks/callbacks.module.js';
import { GatewayModule } from './gateway/gateway.module.js';
import { OrdersModule } from './orders/orders.module.js';
import { PaymentsModule } from './payments/payments.module.js';
import { settings } from './settings.js';

const MODULES: Readonly<Record<Role, Type>> = {
  api: PaymentsModule,
  worker: GatewayModule,
  webhook: CallbacksModule,
  orders: OrdersModule,
};

/** The app with the module of this process's role. */
@Module({
  imports: [
    BullModule.forRoot({
      connection: { url: settings.redisUrl },
      prefix: settings.contestant,
      defaultJobOptions: { removeOnComplete: true, removeOnFail: 1000 },
    }),
  ],
})
export class AppModule {
  static withRole(role: Role): DynamicModule {
    return { module: AppModule, imports: [MODULES[role]] };
  }
}
