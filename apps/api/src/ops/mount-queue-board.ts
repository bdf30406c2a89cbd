// `/ops/queues`: the queues as pages, behind an ops key.
import type { BullBoardQueues } from '@bull-board/api/typings/app';
import type { Clock } from '@quittance/platform';
import type { FastifyInstance } from 'fastify';
import type { Pool } from 'pg';
import type { Authentication } from '../access/authentication.js';
import { auditBoardChange } from './audit-board-change.js';
import { opsCaller, refuse } from './ops-access.js';
import type { QueueBoard } from './queue-board.js';
import type { QueueNames } from './queue-names.js';

const BASE_PATH = '/ops/queues';

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
  readonly authentication: Authentication;
  readonly board: QueueBoard;
  readonly names: QueueNames;
  /** Where changes are audited. */
  readonly pool: Pool;
  readonly clock: Clock;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The queues as the caller of an ops page may see them. */
    visibleQueues?: BullBoardQueues;
  }
}

/** Adds the pages to the server; before it listens. */
export function mountQueueBoard(fastify: FastifyInstance, parts: QueueBoardParts): void {
  const { authentication, board, names } = parts;
  fastify.register((pages, _options, done) => {
    pages.addHook('onRequest', async (request, reply) => {
      reply.header('content-security-policy', CONTENT_SECURITY_POLICY);
      try {
        const caller = await opsCaller(authentication, request, reply);
        const known = await names.list();
        const views = board.viewsOf(known);
        const mayChange = caller.scopes.includes('ops:write');
        request.visibleQueues = mayChange ? views.changeable : views.readOnly;
        // Before it is done: who cannot be written down may not change anything.
        await auditBoardChange(parts, { caller, request, known });
        return undefined;
      } catch (error) {
        return refuse(error, request, reply);
      }
    });
    board.server.mount(pages, BASE_PATH, ({ visibleQueues }) => visibleQueues ?? new Map());
    done();
  });
}
