// The order domain's parts.
import { type DynamicModule, Module } from '@nestjs/common';
import { type HealthCheck, HealthModule, type Metrics, MetricsModule } from '@quittance/platform';
import { Pool } from 'pg';
import { OrdersController } from './orders/orders.controller.js';
import { PaymentEventsController } from './orders/payment-events.controller.js';

interface OrdersModuleOptions {
  readonly database: Pool;
  readonly metrics: Metrics;
  readonly checks: readonly HealthCheck[];
}

@Module({})
export class OrdersModule {
  static register({ database, metrics, checks }: OrdersModuleOptions): DynamicModule {
    return {
      module: OrdersModule,
      imports: [HealthModule.register({ checks, metrics }), MetricsModule.register(metrics)],
      controllers: [OrdersController, PaymentEventsController],
      providers: [{ provide: Pool, useValue: database }],
    };
  }
}
