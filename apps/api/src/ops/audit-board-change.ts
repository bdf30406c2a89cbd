// What an ops key changes at the queues is in the audit, like everything else that people change
// (PCI DSS 10.2.1.2). The row commits before Redis is asked to change, so that it may say too much
// but never too little.
import { type PrismaService, writeAudit } from '@quittance/persistence';
import type { Clock } from '@quittance/platform';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../access/api-keys.js';
import { looksLikeCard } from '@quittance/cards';
import { isLooking } from './ops-access.js';

/**
 * Ids that BullMQ or we give to jobs; what else stands in an address is a stranger's text and is
 * not kept.
 */
const JOB_ID = /^(?:\d{1,10}|[a-z][\w.-]{0,119})$/;

/**
 * Writes down a request that changes something; nothing for one that only looks. Rejects when it
 * cannot, and then nothing may be done.
 */
export async function auditBoardChange(
  { prisma, clock }: { readonly prisma: PrismaService; readonly clock: Clock },
  asked: {
    readonly caller: Caller;
    readonly request: FastifyRequest;
    /** The queues there are. */
    readonly known: readonly string[];
  },
): Promise<void> {
  const { caller, request, known } = asked;
  if (isLooking(request)) return;
  const { queueName = '', jobId = '' } = request.params as Partial<Record<string, string>>;
  const job = JOB_ID.test(jobId) && !looksLikeCard(jobId) ? { job: jobId } : {};
  await writeAudit(prisma, {
    at: clock.now(),
    operator: caller.holder ?? `API key ${caller.keyId}`,
    action: 'queue board',
    subject: { kind: 'queue', id: known.includes(queueName) ? queueName : '*' },
    why: null,
    before: null,
    after: { key: caller.keyId, method: request.method, route: request.routeOptions.url, ...job },
  });
}
