// The log of operators' actions: what was changed, by whom, when and why. A row is written in the
// commit of its change, so neither exists without the other. The database assigns the row its place
// in the chain and rejects changes to it (PCI DSS 10.2.1.2, 10.3.2).
import { Prisma } from '../generated/client.js';
import type { PrismaService, PrismaTransaction } from '../prisma.service.js';

/** Every action of an operator that is logged, as the database lists them. */
export const AUDITED_ACTIONS = [
  'resolve',
  'refunds resolve',
  'events replay',
  'merchants add',
  'keys create',
  'keys revoke',
  'keys rotate',
  'keys destroy',
  'terminals add',
  'terminals set',
  'terminals pause',
  'terminals resume',
  'lanes set',
  'lanes pause',
  'lanes resume',
  'operators add',
  'operators renew',
  'operators revoke',
  'propose',
  'approve',
  'withdraw',
  'queue board',
  'queues retry',
  'queues discard',
  'inquire',
  'sign in',
] as const;

/** The subject of an action: its kind and its id. */
export interface AuditSubject {
  readonly kind:
    | 'payment'
    | 'refund'
    | 'events'
    | 'merchant'
    | 'api_key'
    | 'vault_key'
    | 'terminal'
    | 'lane'
    | 'operator'
    | 'proposal'
    | 'queue';
  readonly id: string;
}

/** One action of an operator. */
export interface AuditEntry {
  readonly at: Date;
  readonly operator: string;
  readonly action: (typeof AUDITED_ACTIONS)[number];
  readonly subject: AuditSubject;
  /**
   * In the operator's words: 1 to 1000 characters without card data. Required for `resolve` and
   * `refunds resolve`.
   */
  readonly why: string | null;
  /**
   * The changeable fields before the change; null if there was nothing. Never keys, digests or card
   * data.
   */
  readonly before: object | null;
  /** The same fields afterwards; null if nothing is left. */
  readonly after: object | null;
  /** The sequence of the event that it caused. */
  readonly sequence?: number;
  /** The proposal of a first operator, if `operator` is the second one, who approved it. */
  readonly proposal?: { readonly id: string; readonly by: string };
}

/** An action as read from the log. */
export type ListedAction = Awaited<ReturnType<typeof listAudit>>[number];

/**
 * Writes the row. Make it the last statement of the transaction: until the commit, no other action
 * gets a number.
 */
export async function writeAudit(tx: PrismaTransaction, entry: AuditEntry): Promise<void> {
  const { subject, before, after, proposal } = entry;
  await tx.operatorAction.create({
    data: {
      at: entry.at,
      operator: entry.operator,
      action: entry.action,
      subjectKind: subject.kind,
      subjectId: subject.id,
      sequence: entry.sequence ?? null,
      why: entry.why,
      before: before ?? Prisma.DbNull,
      after: after ?? Prisma.DbNull,
      proposalId: proposal?.id ?? null,
      proposedBy: proposal?.by ?? null,
    },
    select: { number: true },
  });
}

/** The actions to read: those of one subject's id, those since an instant; the newest `limit`. */
export interface AuditFilter {
  readonly subjectId?: string;
  readonly since?: Date;
  readonly limit: number;
}

/** Returns the newest matching actions, oldest first. */
export async function listAudit(
  prisma: Pick<PrismaService, 'operatorAction'>,
  { subjectId, since, limit }: AuditFilter,
) {
  const found = await prisma.operatorAction.findMany({
    where: {
      ...(subjectId !== undefined && { subjectId }),
      ...(since && { at: { gte: since } }),
    },
    omit: { sequence: true, paymentId: true, refundId: true, previousHash: true },
    orderBy: { number: 'desc' },
    take: limit,
  });
  return found.toReversed();
}

/** Returns the last resolution of a payment, with the sequence of the transition it caused. */
export function latestResolution(prisma: PrismaService, paymentId: string) {
  return prisma.operatorAction.findFirst({
    where: { paymentId, sequence: { not: null } },
    orderBy: { sequence: 'desc' },
    select: { at: true, operator: true, sequence: true },
  });
}
