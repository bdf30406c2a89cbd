// Builds the sandbox's server on the shared HTTP foundation. It reads every body as text, whatever
// its content type, because the gateway's own rules determine its meaning (protocol §1.1).
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createHttpApp, type HttpAppOptions } from '@quittance/server';
import type { FastifyInstance } from 'fastify';
import type { SandboxConfig } from './config.js';
import { Listener } from './control/listener.js';
import { SandboxModule } from './sandbox.module.js';

const BODY_LIMIT_BYTES = 256 * 1024;

/** Returns the initialized app, which does not listen yet. */
export async function createSandbox(
  config: SandboxConfig,
  options: Pick<HttpAppOptions, 'logger' | 'metrics'>,
): Promise<NestFastifyApplication> {
  const app = await createHttpApp(SandboxModule.forRoot(config), {
    ...options,
    bodyLimitBytes: BODY_LIMIT_BYTES,
  });
  await app.init();
  readBodiesAsText(app.getHttpAdapter().getInstance());
  const server = app.getHttpServer();
  server.once('listening', () => app.get(Listener, { strict: false }).attach(server));
  return app;
}

/** Reads bodies as text; only the control paths parse JSON as Fastify usually does. */
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
