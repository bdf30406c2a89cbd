// Recomputes the whole audit chain, and compares its end with the head, and with a head that was
// noted elsewhere. SQL: the hashes are of the exact text of the json columns, which Prisma parses.
import type { Pool, PoolClient } from 'pg';
import { breakAt, CHAIN_START, type ChainedAction, type ChainPoint } from './audit-chain.js';

/** The result of a check of the chain. */
export type AuditFinding =
  | { readonly isWhole: true; readonly head: ChainPoint }
  /** The first inconsistency, in words. */
  | { readonly isWhole: false; readonly problem: string };

/** The rows read at a time: some hundred kilobytes. */
const BATCH = 500;

const ROWS = `
SELECT number, at, operator, action, subject_kind AS "subjectKind", subject_id AS "subjectId", sequence, why,
  before::text AS before, after::text AS after, proposal_id AS "proposalId", proposed_by AS "proposedBy",
  previous_hash AS "previousHash", hash
FROM operator_actions`;

type StoredAction = Omit<ChainedAction, 'number'> & { readonly number: string };

/**
 * Checks every row from the first one on, a batch at a time, in one snapshot. `noted` is a head
 * that was read before: it must still be in the chain, which is not so if the chain was recomputed.
 */
export async function verifyAudit(
  pool: Pool,
  options: { readonly noted?: ChainPoint; readonly batch?: number } = {},
): Promise<AuditFinding> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const finding = await verifyWith(client, options.noted, options.batch ?? BATCH);
    await client.query('COMMIT');
    return finding;
  } finally {
    // Closed, so that nothing of a failed snapshot is reused.
    client.release(true);
  }
}

async function verifyWith(
  client: PoolClient,
  noted: ChainPoint | undefined,
  batch: number,
): Promise<AuditFinding> {
  const head = await headOf(client);
  if (!head) return broken('the head of the chain is missing');
  let last = CHAIN_START;
  let isNotedSeen = noted === undefined || isSame(noted, CHAIN_START);
  // A number below 1 is impossible; the first check finds it too.
  for (let after: bigint | null = null; ; after = last.number) {
    const rows = await rowsAfter(client, after, batch);
    for (const row of rows) {
      const problem = breakAt(last, row);
      if (problem !== undefined) return broken(problem);
      last = row;
      if (noted?.number === row.number) {
        if (!isSame(noted, row)) return broken(rewritten(noted.number));
        isNotedSeen = true;
      }
    }
    if (rows.length < batch) break;
  }
  if (last.number < head.number) return broken(`the last ${head.number - last.number} are missing`);
  if (!isSame(head, last))
    return broken(`action ${last.number} is not the one that the head names`);
  if (!isNotedSeen) return broken(`the noted action ${noted?.number} is missing`);
  return { isWhole: true, head };
}

/**
 * Checks the newest `count` rows against each other and the head: cheap enough for a periodic
 * check. Undefined if they match.
 */
export async function verifyAuditTail(pool: Pool, count: number): Promise<string | undefined> {
  const { rows } = await pool.query<StoredAction & { headNumber: string; headHash: Buffer }>(
    `SELECT t.*, h.number AS "headNumber", h.hash AS "headHash"
     FROM audit_head h LEFT JOIN (${ROWS} ORDER BY number DESC LIMIT $1) t ON true ORDER BY t.number`,
    [count + 1],
  );
  const [first] = rows;
  if (!first) return 'the head of the chain is missing';
  const head = { number: BigInt(first.headNumber), hash: first.headHash };
  const actions = rows.filter(({ number }) => (number as string | null) !== null).map(chained);
  const isFromStart = actions.length <= count;
  let last = isFromStart ? CHAIN_START : (actions.shift() ?? CHAIN_START);
  for (const action of actions) {
    const problem = breakAt(last, action);
    if (problem !== undefined) return problem;
    last = action;
  }
  return isSame(head, last) ? undefined : 'the newest action is not the one that the head names';
}

async function headOf(client: PoolClient): Promise<ChainPoint | undefined> {
  const { rows } = await client.query<{ number: string; hash: Buffer }>(
    'SELECT number, hash FROM audit_head',
  );
  const [row] = rows;
  return row && { number: BigInt(row.number), hash: row.hash };
}

async function rowsAfter(
  client: PoolClient,
  after: bigint | null,
  limit: number,
): Promise<ChainedAction[]> {
  const { rows } = await client.query<StoredAction>(
    `${ROWS} WHERE $1::bigint IS NULL OR number > $1::bigint ORDER BY number LIMIT $2`,
    [after?.toString() ?? null, limit],
  );
  return rows.map(chained);
}

const chained = (row: StoredAction): ChainedAction => ({ ...row, number: BigInt(row.number) });
const isSame = (one: ChainPoint, other: ChainPoint) =>
  one.number === other.number && one.hash.equals(other.hash);
const broken = (problem: string): AuditFinding => ({ isWhole: false, problem });
const rewritten = (number: bigint) =>
  `action ${number} is not the one that was noted: the chain was rewritten`;
