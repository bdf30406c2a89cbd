// `/ops/queues`: the queues as pages, behind an ops key.
import { Fault } from '@quittance/platform';
import type { FastifyInstance } from 'fastify';
import type { ApiKeys } from '../access/api-keys.js';
import { opsCaller, refuse } from './ops-access.js';
import type { QueueBoard } from './queue-board.js';
import type { QueueNames } from './queue-names.js';

const PREFIX = '/ops/queues';

/** bull-board styles its elements inline; everything else comes from its own files. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What the pages are made of. */
export interface QueueBoardParts {
  readonly keys: ApiKeys;
  readonly board: QueueBoard;
  readonly names: QueueNames;
}

/** Adds the pages to the server; before it listens. */
export function mountQueueBoard(fastify: FastifyInstance, parts: QueueBoardParts): void {
  const { keys, board, names } = parts;
  fastify.register((pages, _options, done) => {
    pages.addHook('onRequest', async (request, reply) => {
      reply.header('content-security-policy', CONTENT_SECURITY_POLICY);
      try {
        const caller = await opsCaller(keys, request);
        if (caller.scopes.includes('ops:write')) board.allowChanges(request.headers);
      } catch (error) {
        if (error instanceof Fault) return refuse(error, request, reply);
        throw error;
      }
      board.show(await names.list());
      return undefined;
    });
    pages.register(board.plugin(PREFIX), { prefix: PREFIX });
    done();
  });
}
