// What one person wants to do and a second has to approve. A proposal changes nothing but itself.
import type { Pool, PoolClient } from 'pg';
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

type ProposalRow = Omit<Proposal, 'subject'> & {
  readonly subjectKind: AuditSubject['kind'];
  readonly subjectId: string;
};

const SELECT = `
SELECT id, action, subject_kind AS "subjectKind", subject_id AS "subjectId", arguments, why, proposed_by AS "proposedBy",
  proposed_at AS "proposedAt", expires_at AS "expiresAt", decision, decided_by AS "decidedBy", decided_at AS "decidedAt"
FROM operator_proposals`;

/** Stores it in the client's transaction. */
export async function insertProposal(client: PoolClient, proposal: NewProposal): Promise<void> {
  const { id, action, subject, why, proposedBy, proposedAt, expiresAt } = proposal;
  const details = [subject.kind, subject.id, JSON.stringify(proposal.arguments)];
  await client.query(
    `INSERT INTO operator_proposals
       (id, action, subject_kind, subject_id, arguments, why, proposed_by, proposed_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [id, action, ...details, why, proposedBy, proposedAt, expiresAt],
  );
}

/** Loads it and keeps everybody else from deciding it until the transaction ends. */
export async function lockProposal(client: PoolClient, id: string): Promise<Proposal | undefined> {
  const { rows } = await client.query<ProposalRow>(`${SELECT} WHERE id = $1 FOR UPDATE`, [id]);
  return rows[0] && proposalOf(rows[0]);
}

/** Decides it; the database refuses a second decision, and one's own approval. */
export async function decideProposal(
  client: PoolClient,
  { id }: Proposal,
  decision: { readonly as: 'approved' | 'withdrawn'; readonly by: string; readonly at: Date },
): Promise<void> {
  await client.query(
    'UPDATE operator_proposals SET decision = $2, decided_by = $3, decided_at = $4 WHERE id = $1',
    [id, decision.as, decision.by, decision.at],
  );
}

/** The newest `limit`, oldest first; `isOpen`: only those that can still be decided at `now`. */
export async function listProposals(
  pool: Pool,
  { isOpen, now, limit }: { readonly isOpen: boolean; readonly now: Date; readonly limit: number },
): Promise<Proposal[]> {
  const { rows } = await pool.query<ProposalRow>(
    `${SELECT} WHERE NOT $1 OR (decision IS NULL AND expires_at > $2) ORDER BY id DESC LIMIT $3`,
    [isOpen, now, limit],
  );
  return rows.toReversed().map(proposalOf);
}

function proposalOf({ subjectKind: kind, subjectId, ...row }: ProposalRow): Proposal {
  return { ...row, subject: { kind, id: subjectId } };
}
