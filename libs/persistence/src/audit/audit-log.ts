// What people changed, by whom, when and why. A row is written in the commit of the change it
// describes: neither exists without the other. The database gives it its place in the chain and
// refuses to change it (PCI DSS 10.2.1.2, 10.3.2).
import { Prisma } from '../generated/client.js';
import type { PrismaService, PrismaTransaction } from '../prisma.service.js';

/** Everything a person can do that is kept, as the database knows it. */
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
  'operators add',
  'operators renew',
  'operators revoke',
  'propose',
  'approve',
  'withdraw',
  'queue board',
] as const;

/** What was changed: its kind, and the id it is known by. */
export interface AuditSubject {
  readonly kind:
    | 'payment'
    | 'refund'
    | 'events'
    | 'merchant'
    | 'api_key'
    | 'vault_key'
    | 'terminal'
    | 'operator'
    | 'proposal'
    | 'queue';
  readonly id: string;
}

/** One action of a person. */
export interface AuditEntry {
  readonly at: Date;
  readonly operator: string;
  readonly action: (typeof AUDITED_ACTIONS)[number];
  readonly subject: AuditSubject;
  /**
   * In the person's words; 1 to 1000 characters without card data. `resolve` and `refunds resolve`
   * must have it.
   */
  readonly why: string | null;
  /**
   * What the change could change, before it; null where there was nothing. Never keys, digests or
   * card data.
   */
  readonly before: object | null;
  /** The same after it; null where nothing is left. */
  readonly after: object | null;
  /** Of the event of the move it caused. */
  readonly sequence?: number;
  /** Where a second person approved it: `operator` is that person. */
  readonly proposal?: { readonly id: string; readonly by: string };
}

/** An action as it is read. */
export type ListedAction = Awaited<ReturnType<typeof listAudit>>[number];

/**
 * Writes the row. In a transaction let it be the last statement: until the commit, nobody else's
 * action gets a number.
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

/**
 * Which actions to read: those of one subject's id, those since an instant; `limit` of the newest.
 */
export interface AuditFilter {
  readonly subjectId?: string;
  readonly since?: Date;
  readonly limit: number;
}

/** The newest actions that fit, oldest first. */
export async function listAudit(prisma: PrismaService, { subjectId, since, limit }: AuditFilter) {
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

/** The last word of a person about a payment, and the number of the move it caused. */
export function latestResolution(prisma: PrismaService, paymentId: string) {
  return prisma.operatorAction.findFirst({
    where: { paymentId, sequence: { not: null } },
    orderBy: { sequence: 'desc' },
    select: { at: true, operator: true, sequence: true },
  });
}
