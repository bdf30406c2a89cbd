// The root module of the order domain.
import { type DynamicModule, Module } from '@nestjs/common';
import { ConfigModule, HealthModule, MetricsModule } from '@quittance/server';
import { postgresCheck, PostgresClock } from '@quittance/postgres';
import { Pool } from 'pg';
import { type OrdersConfig, ordersConfig } from './config.js';
import { OrdersDatabaseModule } from './orders-database.js';
import { OrdersController } from './orders/orders.controller.js';
import { PaymentEventsController } from './orders/payment-events.controller.js';
import { RefundEventsController } from './orders/refund-events.controller.js';
import { PaymentEvents } from './payment-events.js';

@Module({
  imports: [OrdersDatabaseModule],
  providers: [PaymentEvents],
  exports: [PaymentEvents],
})
class PaymentEventsModule {}

@Module({
  imports: [
    OrdersDatabaseModule,
    PaymentEventsModule,
    MetricsModule,
    HealthModule.registerAsync({
      imports: [OrdersDatabaseModule, PaymentEventsModule],
      inject: [Pool, PaymentEvents, PostgresClock],
      useFactory: (database: Pool, events: PaymentEvents, clock: PostgresClock) => [
        { name: 'postgres', run: postgresCheck(database) },
        { name: 'redis', run: () => events.check() },
        { name: 'events', run: () => events.checkConsumption() },
        { name: 'clock', run: clock.check },
      ],
    }),
  ],
  controllers: [OrdersController, PaymentEventsController, RefundEventsController],
})
export class AppModule {
  static forRoot(config: OrdersConfig): DynamicModule {
    return { module: AppModule, imports: [ConfigModule.forRoot('orders', ordersConfig, config)] };
  }
}
