// The api's HTTP app, ready to listen: what `main` starts and what tests ask.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createHttpApp } from '@quittance/platform';
import { Pool } from 'pg';
import { ApiKeys } from './access/api-keys.js';
import { type ApiParts, AppModule } from './app.module.js';
import { DatabaseAwayFilter } from './connections/database-away.filter.js';
import { takeJsonBodiesOnly } from './json-bodies.js';
import { mountQueueBoard } from './ops/mount-queue-board.js';
import { QueueBoard } from './ops/queue-board.js';
import { QueueNames } from './ops/queue-names.js';

export async function createApp(parts: ApiParts): Promise<NestFastifyApplication> {
  const { log, metrics } = parts;
  const app = await createHttpApp(AppModule.register(parts), { logger: log, metrics });
  takeJsonBodiesOnly(app);
  app.useGlobalFilters(new DatabaseAwayFilter(log));
  const fastify = app.getHttpAdapter().getInstance();
  mountQueueBoard(fastify, {
    keys: app.get(ApiKeys),
    board: app.get(QueueBoard, { strict: false }),
    names: app.get(QueueNames, { strict: false }),
    pool: app.get(Pool, { strict: false }),
  });
  return app;
}
