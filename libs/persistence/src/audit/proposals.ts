// Proposals: actions that one operator wants and a second one has to approve. A proposal changes
// nothing but itself.
import type { OperatorProposal } from '../generated/client.js';
import type { PrismaService, PrismaTransaction } from '../prisma.service.js';
import type { AuditSubject } from './audit-log.js';

/** The actions that can require a second operator. */
export type ProposedAction = 'resolve' | 'refunds resolve' | 'events replay' | 'operators add';

/** A new proposal. */
export interface NewProposal {
  readonly id: string;
  readonly action: ProposedAction;
  readonly subject: AuditSubject;
  /** The input for carrying out the action later; JSON. */
  readonly arguments: object;
  readonly why: string | null;
  readonly proposedBy: string;
  readonly proposedAt: Date;
  readonly expiresAt: Date;
}

/** A stored proposal, with its decision. */
export interface Proposal extends NewProposal {
  readonly decision: 'approved' | 'withdrawn' | null;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
}

/** Stores a proposal. */
export async function insertProposal(tx: PrismaTransaction, proposal: NewProposal): Promise<void> {
  const { subject, ...rest } = proposal;
  await tx.operatorProposal.create({
    data: { ...rest, subjectKind: subject.kind, subjectId: subject.id },
    select: { id: true },
  });
}

/** Loads a proposal, and locks it against other decisions until the transaction ends. */
export async function lockProposal(
  tx: PrismaTransaction,
  id: string,
): Promise<Proposal | undefined> {
  // SQL: Prisma has no FOR UPDATE.
  await tx.$queryRaw`SELECT FROM operator_proposals WHERE id = ${id} FOR UPDATE`;
  const row = await tx.operatorProposal.findUnique({ where: { id } });
  return row ? proposalOf(row) : undefined;
}

/**
 * Stores the decision; the database rejects a second decision, and the approval of one's own
 * proposal.
 */
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

/**
 * Returns the newest `limit` proposals, oldest first; with `isOpen` only those that can still be
 * decided at `now`.
 */
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

/** The database restricts these texts to the values of the types. */
function proposalOf({ subjectKind: kind, subjectId: id, ...row }: OperatorProposal): Proposal {
  return { ...row, subject: { kind, id } } as Proposal;
}
