// Creates the order domain's HTTP app, ready to listen, for `main.ts` and the tests.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createHttpApp, type HttpAppOptions } from '@quittance/server';
import { AppModule } from './app.module.js';
import type { OrdersConfig } from './config.js';
import { PaymentEvents } from './payment-events.js';

/** Resolves once the app receives events. */
export async function createApp(
  config: OrdersConfig,
  options: Pick<HttpAppOptions, 'logger' | 'metrics'>,
): Promise<NestFastifyApplication> {
  const app = await createHttpApp(AppModule.forRoot(config), options);
  await app.get(PaymentEvents, { strict: false }).connect(app);
  return app;
}
