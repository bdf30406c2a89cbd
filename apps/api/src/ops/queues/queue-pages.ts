// Serves `/ops/queues`: the queues as pages, behind the sign-in of the operations page.
import type { BullBoardQueues } from '@bull-board/api/typings/app';
import { Injectable } from '@nestjs/common';
import { PrismaService } from '@quittance/persistence';
import { Clock } from '@quittance/platform';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { OpsSessions } from '../sign-in/ops-sessions.js';
import { auditBoardChange } from './audit-board-change.js';
import { refuse } from './board-access.js';
import { QueueBoard } from './queue-board.js';
import { QueueNames } from '@quittance/modules';

const BASE_PATH = '/ops/queues';

/** bull-board uses inline styles. Everything else comes from its own files. */
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

declare module 'fastify' {
  interface FastifyRequest {
    /** The queues that the caller of an ops page may see. */
    visibleQueues?: BullBoardQueues;
  }
}

@Injectable()
export class QueuePages {
  constructor(
    private readonly sessions: OpsSessions,
    private readonly board: QueueBoard,
    private readonly names: QueueNames,
    /** The database of the audit. */
    private readonly prisma: PrismaService,
    private readonly clock: Clock,
  ) {}

  /** Adds the pages to the server. Call it before the server listens. */
  mount(fastify: FastifyInstance): void {
    fastify.register((pages, _options, done) => {
      pages.addHook('onRequest', (request, reply) => this.#admit(request, reply));
      this.board.server.mount(pages, BASE_PATH, ({ visibleQueues }) => visibleQueues ?? new Map());
      done();
    });
  }

  async #admit(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    reply.header('content-security-policy', CONTENT_SECURITY_POLICY);
    try {
      const caller = await this.sessions.callerOf(request, reply);
      const known = await this.names.list();
      const views = this.board.viewsOf(known);
      const mayChange = caller.rights === 'act';
      request.visibleQueues = mayChange ? views.changeable : views.readOnly;
      // Before the change: a caller who cannot be audited may not change anything.
      const { prisma, clock } = this;
      await auditBoardChange({ prisma, clock }, { caller, request, known });
      return undefined;
    } catch (error) {
      return refuse(error, request, reply);
    }
  }
}
