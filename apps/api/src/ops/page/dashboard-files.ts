// Serves the operations page at `/ops`: the files that Vite built from apps/dashboard. They hold no
// data, so that they need no sign-in; everything else comes from `/v1/ops`.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { existsSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sendFile, staticFile } from '../../static-file.js';

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Their names contain a digest of their content. */
const FOR_EVER = 'public, max-age=31536000, immutable';
const ASSETS = 'assets';

/** The page's folder: beside this app in dist/, or in the dist/ of a checkout. */
const FOLDER = ['../../../../dashboard', '../../../../../dist/apps/dashboard']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((folder) => existsSync(join(folder, ASSETS)));

/** Adds the page to the server. Call it before the server listens. */
export function mountDashboard(fastify: FastifyInstance): void {
  const folder = FOLDER;
  // Only a test of the api alone runs without a build.
  const names = folder === undefined ? [] : readdirSync(join(folder, ASSETS));
  const assets = new Map(
    names.map((name) => [`${ASSETS}/${name}`, join(folder ?? '', ASSETS, name)]),
  );
  const send = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const path = (request.params as { '*'?: string })['*'] ?? '';
    const asset = assets.get(path);
    if (asset !== undefined) {
      return sendFile(await staticFile(asset), request, reply.header('cache-control', FOR_EVER));
    }
    // A view of the page has no dot in its path.
    if (folder === undefined || extname(path) !== '') {
      reply.callNotFound();
      return reply;
    }
    reply
      .header('content-security-policy', CONTENT_SECURITY_POLICY)
      .header('cache-control', 'no-cache');
    return sendFile(await staticFile(join(folder, 'index.html')), request, reply);
  };
  fastify.get('/ops', send);
  fastify.get('/ops/*', send);
}
