// Builds the sandbox's server: the shared HTTP foundation, except that a body is read as text
// whatever its content type, because the gateway's own rules decide what it means (protocol §1.1).
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createHttpApp, type HttpAppOptions } from '@quittance/platform';
import type { FastifyInstance } from 'fastify';
import type { SandboxConfig } from './config.js';
import { Listener } from './control/listener.js';
import { SandboxModule } from './sandbox.module.js';

const BODY_LIMIT_BYTES = 256 * 1024;

/** The app is initialised but does not listen yet. */
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
