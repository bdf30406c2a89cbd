// The api's HTTP app, ready to listen: what `main` starts and what tests ask.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createHttpApp } from '@quittance/platform';
import { type ApiParts, AppModule } from './app.module.js';
import { DatabaseAwayFilter } from './connections/database-away.filter.js';

export async function createApp(parts: ApiParts): Promise<NestFastifyApplication> {
  const { log, metrics } = parts;
  const app = await createHttpApp(AppModule.register(parts), { logger: log, metrics });
  app.useGlobalFilters(new DatabaseAwayFilter(log));
  return app;
}
