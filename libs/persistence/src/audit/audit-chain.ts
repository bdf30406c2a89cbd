// The hash chain over what people did, computed a second time: the database's trigger writes it,
// this finds what does not fit. Two implementations of one form (docs/adr/0018-audit-chain.md), so
// that a fault of one shows.
import { createHash } from 'node:crypto';

/**
 * A row of the log as it is stored. `before` and `after` are the exact texts of the json columns.
 */
export interface ChainedAction {
  readonly number: bigint;
  readonly at: Date;
  readonly operator: string;
  readonly action: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly sequence: number | null;
  readonly why: string | null;
  readonly before: string | null;
  readonly after: string | null;
  readonly proposalId: string | null;
  readonly proposedBy: string | null;
  readonly previousHash: Buffer;
  readonly hash: Buffer;
}

/**
 * A place in the chain: a row's number, and its SHA-256. Number 0 is before the first row, with 32
 * zero bytes.
 */
export interface ChainPoint {
  readonly number: bigint;
  readonly hash: Buffer;
}

/** Before the first row. */
export const CHAIN_START: ChainPoint = { number: 0n, hash: Buffer.alloc(32) };

const FORM = 'quittance-audit-1';

/**
 * What a row's hash must be: SHA-256 of its parts, each with its length before it, the digest of
 * the row before at the end.
 */
export function hashOf(action: ChainedAction): Buffer {
  const parts = [
    FORM,
    action.number.toString(),
    instantText(action.at),
    action.operator,
    action.action,
    action.subjectKind,
    action.subjectId,
    action.sequence?.toString() ?? null,
    action.why,
    action.before,
    action.after,
    action.proposalId,
    action.proposedBy,
    action.previousHash.toString('hex'),
  ];
  return createHash('sha256').update(parts.map(partOf).join('')).digest();
}

function partOf(value: string | null): string {
  return value === null ? '~' : `${Buffer.byteLength(value)}:${value}`;
}

/** A tampered instant need not be one (`infinity`); then it just does not fit. */
function instantText(at: unknown): string {
  const isInstant = at instanceof Date && !Number.isNaN(at.getTime());
  return isInstant ? at.toISOString() : String(at);
}

/** Why `action` cannot be the row after `previous`, in words, or `undefined` when it is. */
export function breakAt(previous: ChainPoint, action: ChainedAction): string | undefined {
  const due = previous.number + 1n;
  if (action.number < due) return `action ${action.number} has a number that cannot be`;
  if (action.number > due) return `action ${due} is missing`;
  if (!action.previousHash.equals(previous.hash))
    return `action ${due} does not follow the one before it: it was put there later, or the one before was exchanged`;
  if (!action.hash.equals(hashOf(action)))
    return `action ${due} is not as it was written: something in it was changed`;
  return undefined;
}
