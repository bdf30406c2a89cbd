// What people changed, by whom, when and why. A row is written in the commit of the change it describes: neither exists without the
// other. The database gives it its place in the chain and refuses to change it (PCI DSS 10.2.1.2, 10.3.2).
import type { Pool, PoolClient } from 'pg';

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
  /** In the person's words; 1 to 1000 characters without card data. `resolve` and `refunds resolve` must have it. */
  readonly why: string | null;
  /** What the change could change, before it; null where there was nothing. Never keys, digests or card data. */
  readonly before: object | null;
  /** The same after it; null where nothing is left. */
  readonly after: object | null;
  /** Of the event of the move it caused. */
  readonly sequence?: number;
  /** Where a second person approved it: `operator` is that person. */
  readonly proposal?: { readonly id: string; readonly by: string };
}

/** An action as it is read; `before` and `after` as JSON text. */
export interface ListedAction {
  readonly number: string;
  readonly at: Date;
  readonly operator: string;
  readonly proposedBy: string | null;
  readonly proposalId: string | null;
  readonly action: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly why: string | null;
  readonly before: string | null;
  readonly after: string | null;
  readonly hash: string;
}

const INSERT = `
INSERT INTO operator_actions
  (at, operator, action, subject_kind, subject_id, sequence, why, before, after, proposal_id, proposed_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`;

const COLUMNS = `number, at, operator, proposed_by AS "proposedBy", proposal_id AS "proposalId", action,
  subject_kind AS "subjectKind", subject_id AS "subjectId", why, before::text AS before, after::text AS after,
  encode(hash, 'hex') AS hash`;

/**
 * Writes the row in the client's transaction. Let it be the transaction's last statement: until the commit, nobody else's action
 * gets a number.
 */
export async function writeAudit(client: PoolClient, entry: AuditEntry): Promise<void> {
  const { subject, before, after, proposal } = entry;
  await client.query(INSERT, [
    entry.at,
    entry.operator,
    entry.action,
    subject.kind,
    subject.id,
    entry.sequence ?? null,
    entry.why,
    before && JSON.stringify(before),
    after && JSON.stringify(after),
    proposal?.id ?? null,
    proposal?.by ?? null,
  ]);
}

/** Which actions to read: those of one subject's id, those since an instant; `limit` of the newest. */
export interface AuditFilter {
  readonly subjectId?: string;
  readonly since?: Date;
  readonly limit: number;
}

/** The newest actions that fit, oldest first. */
export async function listAudit(
  pool: Pool,
  { subjectId, since, limit }: AuditFilter,
): Promise<ListedAction[]> {
  const { rows } = await pool.query<ListedAction>(
    `SELECT ${COLUMNS} FROM operator_actions
     WHERE ($1::text IS NULL OR subject_id = $1) AND ($2::timestamptz IS NULL OR at >= $2)
     ORDER BY operator_actions.number DESC LIMIT $3`,
    [subjectId ?? null, since ?? null, limit],
  );
  return rows.toReversed();
}

/** The last word of a person about a payment, and the number of the move it caused. */
export async function latestResolution(
  pool: Pool,
  paymentId: string,
): Promise<
  { readonly at: Date; readonly operator: string; readonly sequence: number } | undefined
> {
  const { rows } = await pool.query<{ at: Date; operator: string; sequence: number }>(
    `SELECT at, operator, sequence FROM operator_actions
     WHERE payment_id = $1 AND sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1`,
    [paymentId],
  );
  return rows[0];
}
