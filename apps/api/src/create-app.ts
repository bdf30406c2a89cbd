// The api's HTTP app, ready to listen: what `main` starts and what tests ask.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Clock, createHttpApp, takeJsonBodies } from '@quittance/platform';
import { Pool } from 'pg';
import { admitRequests } from './access/admit-requests.js';
import { Authentication } from './access/authentication.js';
import { RequestLimits } from './access/limits/request-limits.js';
import { checkDigests } from './access/signature/check-digests.js';
import { type ApiParts, AppModule } from './app.module.js';
import { DatabaseAwayFilter } from './connections/database-away.filter.js';
import { mountQueueBoard } from './ops/mount-queue-board.js';
import { QueueBoard } from './ops/queue-board.js';
import { QueueNames } from './ops/queue-names.js';
import { refuseUnreadableRequests } from './requests/readable-requests.js';

export async function createApp(parts: ApiParts): Promise<NestFastifyApplication> {
  const { config, log, metrics, httpLimits } = parts;
  const { trustedProxies, isHttpsOnly } = config.http;
  const app = await createHttpApp(AppModule.register(parts), {
    logger: log,
    metrics,
    isHttpsOnly,
    ...(trustedProxies && { trustedProxies }),
    ...(httpLimits && { limits: httpLimits }),
  });
  takeJsonBodies(app);
  app.useGlobalFilters(new DatabaseAwayFilter(log));
  const fastify = app.getHttpAdapter().getInstance();
  refuseUnreadableRequests(fastify);
  checkDigests(fastify);
  const authentication = app.get(Authentication);
  admitRequests(fastify, { authentication, limits: app.get(RequestLimits, { strict: false }) });
  mountQueueBoard(fastify, {
    authentication,
    board: app.get(QueueBoard, { strict: false }),
    names: app.get(QueueNames, { strict: false }),
    pool: app.get(Pool, { strict: false }),
    clock: app.get(Clock, { strict: false }),
  });
  return app;
}
