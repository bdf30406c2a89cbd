// Creates the webhook's HTTP app for `main.ts` and the tests.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createHttpApp, type HttpAppOptions } from '@quittance/server';
import { AppModule } from './app.module.js';
import type { WebhookConfig } from './config.js';
import { takeBodiesAsText } from './raw-bodies.js';
import { cutOffSlowSenders } from './slow-senders.js';

export async function createApp(
  config: WebhookConfig,
  options: Pick<HttpAppOptions, 'logger' | 'metrics'>,
): Promise<NestFastifyApplication> {
  const app = await createHttpApp(AppModule.forRoot(config), options);
  takeBodiesAsText(app);
  cutOffSlowSenders(app, config.reception.arrivesWithinMs);
  return app;
}
