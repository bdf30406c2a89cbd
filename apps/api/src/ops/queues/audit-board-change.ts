// Records every change that an operator makes to the queues in the audit, like all changes by
// people (PCI DSS 10.2.1.2). The row commits before the change in Redis, so that the audit may
// claim too much but never too little.
import { type PrismaService, writeAudit } from '@quittance/persistence';
import type { Clock } from '@quittance/platform';
import type { FastifyRequest } from 'fastify';
import { looksLikeCard } from '@quittance/cards';
import type { OpsCaller } from '../sign-in/ops-caller.js';
import { isRead } from '../sign-in/ops-sessions.js';

/**
 * Ids that BullMQ or we give to jobs. Any other text in an address comes from a stranger and is not
 * stored.
 */
const JOB_ID = /^(?:\d{1,10}|[a-z][\w.-]{0,119})$/;

/**
 * Stores an audit row for a request that changes something; does nothing for one that only reads.
 * Rejects when it cannot, and then the change must not happen.
 */
export async function auditBoardChange(
  { prisma, clock }: { readonly prisma: PrismaService; readonly clock: Clock },
  change: {
    readonly caller: OpsCaller;
    readonly request: FastifyRequest;
    /** The existing queues. */
    readonly known: readonly string[];
  },
): Promise<void> {
  const { caller, request, known } = change;
  if (isRead(request)) return;
  const { queueName = '', jobId = '' } = request.params as Partial<Record<string, string>>;
  const job = JOB_ID.test(jobId) && !looksLikeCard(jobId) ? { job: jobId } : {};
  await writeAudit(prisma, {
    at: clock.now(),
    operator: caller.name,
    action: 'queue board',
    subject: { kind: 'queue', id: known.includes(queueName) ? queueName : '*' },
    why: null,
    before: null,
    after: { ...keyOf(caller), method: request.method, route: request.routeOptions.url, ...job },
  });
}

const keyOf = ({ proof }: OpsCaller) => (proof.kind === 'key' ? { key: proof.keyId } : {});
