// Creates the api's HTTP app, ready to listen, for `main.ts` and the tests.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createHttpApp, type HttpAppOptions, takeJsonBodies } from '@quittance/server';
import { RequestAdmission } from './access/request-admission.js';
import { checkDigests } from './access/signature/check-digests.js';
import { AppModule } from './app.module.js';
import type { ApiConfig } from './config.js';
import { mountDashboard } from './ops/page/dashboard-files.js';
import { QueuePages } from './ops/queues/queue-pages.js';
import { OpsAdmission } from './ops/sign-in/ops-admission.js';
import { DatabaseUnavailableFilter } from './requests/database-unavailable.filter.js';
import { refuseUnreadableRequests } from './requests/readable-requests.js';

export async function createApp(
  config: ApiConfig,
  options: Pick<HttpAppOptions, 'logger' | 'metrics' | 'limits'>,
): Promise<NestFastifyApplication> {
  const { trustedProxies, isHttpsOnly } = config.http;
  const app = await createHttpApp(AppModule.forRoot(config), {
    ...options,
    isHttpsOnly,
    ...(trustedProxies && { trustedProxies }),
  });
  takeJsonBodies(app);
  app.useGlobalFilters(new DatabaseUnavailableFilter(options.logger));
  const fastify = app.getHttpAdapter().getInstance();
  refuseUnreadableRequests(fastify);
  checkDigests(fastify);
  const anywhere = { strict: false };
  app.get(RequestAdmission, anywhere).addTo(fastify);
  app.get(OpsAdmission, anywhere).addTo(fastify);
  app.get(QueuePages, anywhere).mount(fastify);
  mountDashboard(fastify);
  return app;
}
