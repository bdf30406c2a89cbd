// What one person wants to do and a second has to approve. A proposal changes nothing but itself.
import type { OperatorProposal } from '../generated/client.js';
import type { PrismaService, PrismaTransaction } from '../prisma.service.js';
import type { AuditSubject } from './audit-log.js';

/** Actions that can need a second person. */
export type ProposedAction = 'resolve' | 'refunds resolve' | 'events replay' | 'operators add';

/** As it was proposed. */
export interface NewProposal {
  readonly id: string;
  readonly action: ProposedAction;
  readonly subject: AuditSubject;
  /** What the action needs to be carried out later; JSON. */
  readonly arguments: object;
  readonly why: string | null;
  readonly proposedBy: string;
  readonly proposedAt: Date;
  readonly expiresAt: Date;
}

/** As it is stored, with what became of it. */
export interface Proposal extends NewProposal {
  readonly decision: 'approved' | 'withdrawn' | null;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
}

/** Stores it. */
export async function insertProposal(tx: PrismaTransaction, proposal: NewProposal): Promise<void> {
  const { subject, ...rest } = proposal;
  await tx.operatorProposal.create({
    data: { ...rest, subjectKind: subject.kind, subjectId: subject.id },
    select: { id: true },
  });
}

/** Loads it and keeps everybody else from deciding it until the transaction ends. */
export async function lockProposal(
  tx: PrismaTransaction,
  id: string,
): Promise<Proposal | undefined> {
  // SQL: Prisma has no FOR UPDATE.
  await tx.$queryRaw`SELECT FROM operator_proposals WHERE id = ${id} FOR UPDATE`;
  const row = await tx.operatorProposal.findUnique({ where: { id } });
  return row ? proposalOf(row) : undefined;
}

/** Decides it; the database refuses a second decision, and one's own approval. */
export async function decideProposal(
  tx: PrismaTransaction,
  { id }: Proposal,
  decision: { readonly as: 'approved' | 'withdrawn'; readonly by: string; readonly at: Date },
): Promise<void> {
  await tx.operatorProposal.update({
    where: { id },
    data: { decision: decision.as, decidedBy: decision.by, decidedAt: decision.at },
    select: { id: true },
  });
}

/** The newest `limit`, oldest first; `isOpen`: only those that can still be decided at `now`. */
export async function listProposals(
  prisma: PrismaService,
  { isOpen, now, limit }: { readonly isOpen: boolean; readonly now: Date; readonly limit: number },
): Promise<Proposal[]> {
  const rows = await prisma.operatorProposal.findMany({
    ...(isOpen && { where: { decision: null, expiresAt: { gt: now } } }),
    orderBy: { id: 'desc' },
    take: limit,
  });
  return rows.toReversed().map(proposalOf);
}

/** The database holds the words to the lists of the types. */
function proposalOf({ subjectKind: kind, subjectId: id, ...row }: OperatorProposal): Proposal {
  return { ...row, subject: { kind, id } } as Proposal;
}
