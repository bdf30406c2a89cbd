// Builds the sandbox's server: the shared HTTP foundation, except that a body is read as text whatever its
// content type, because the gateway's own rules decide what it means (protocol §1.1).
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createHttpApp, type Logger, type Metrics } from '@quittance/platform';
import type { FastifyInstance } from 'fastify';
import { assembleSandbox } from './assemble-sandbox.js';
import type { SandboxSettings } from './config.js';
import { SandboxModule } from './sandbox.module.js';

const bodyLimitBytes = 256 * 1024;

/** The app is initialised but does not listen yet. */
export async function createSandbox(
  settings: SandboxSettings,
  { logger, metrics }: { readonly logger: Logger; readonly metrics: Metrics },
): Promise<NestFastifyApplication> {
  const webhooks = metrics.counter({
    name: 'sandbox_webhooks_total',
    help: 'Webhooks sent, by whether the receiver answered',
    labels: ['outcome'],
  });
  const parts = assembleSandbox(settings, logger, (outcome) => webhooks.inc({ outcome }));
  const app = await createHttpApp(SandboxModule.register(settings, parts, metrics), {
    logger,
    metrics,
    bodyLimitBytes,
  });
  await app.init();
  readBodiesAsText(app.getHttpAdapter().getInstance());
  const server = app.getHttpServer();
  server.once('listening', () => parts.listener.attach(server));
  return app;
}

/** Only the sandbox's own paths take JSON as Fastify usually reads it. */
function readBodiesAsText(fastify: FastifyInstance): void {
  const readJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    const isScript =
      request.url.startsWith('/sandbox/') &&
      (request.headers['content-type'] ?? '').includes('application/json');
    if (isScript) void readJson(request, String(body), done);
    else done(null, body);
  });
}
