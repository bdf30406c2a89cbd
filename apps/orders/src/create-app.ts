// The order domain's HTTP app, ready to listen. `main.ts` and the tests create it.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createHttpApp, type HttpAppOptions } from '@quittance/platform';
import { AppModule } from './app.module.js';
import type { OrdersConfig } from './config.js';
import { PaymentEvents } from './payment-events.js';

/** Resolves once events are taken. */
export async function createApp(
  config: OrdersConfig,
  options: Pick<HttpAppOptions, 'logger' | 'metrics'>,
): Promise<NestFastifyApplication> {
  const app = await createHttpApp(AppModule.forRoot(config), options);
  await app.get(PaymentEvents, { strict: false }).connect(app);
  return app;
}
