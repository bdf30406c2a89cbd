// The hash chain of audited actions, computed a second time: the database's trigger writes it, and
// this file checks it. Two implementations of one format (docs/adr/0018-audit-chain.md) reveal a
// fault in either.
import { createHash } from 'node:crypto';

/** A stored row of the log. `before` and `after` are the exact texts of the json columns. */
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
 * A point in the chain: a row's number and its SHA-256. Number 0 is before the first row, with 32
 * zero bytes.
 */
export interface ChainPoint {
  readonly number: bigint;
  readonly hash: Buffer;
}

/** The point before the first row. */
export const CHAIN_START: ChainPoint = { number: 0n, hash: Buffer.alloc(32) };

const FORM = 'quittance-audit-1';

/**
 * Returns the hash that a row must have: SHA-256 of its parts, each preceded by its length, with
 * the hash of the previous row at the end.
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

/**
 * Formats an instant. A tampered value may not be an instant (`infinity`); then its hash simply
 * does not match.
 */
function instantText(at: unknown): string {
  const isInstant = at instanceof Date && !Number.isNaN(at.getTime());
  return isInstant ? at.toISOString() : String(at);
}

/** Returns the reason why `action` cannot follow `previous`, or `undefined` if it can. */
export function breakAt(previous: ChainPoint, action: ChainedAction): string | undefined {
  const due = previous.number + 1n;
  if (action.number < due) return `action ${action.number} has an impossible number`;
  if (action.number > due) return `action ${due} is missing`;
  if (!action.previousHash.equals(previous.hash))
    return `action ${due} does not follow the previous one: it was inserted later, or the previous one was replaced`;
  if (!action.hash.equals(hashOf(action))) return `action ${due} was changed after it was written`;
  return undefined;
}
