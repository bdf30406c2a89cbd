// Ends what finished payments leave behind, and the progress of batches, once it is old enough.
// Each kind of data has one walk through all payments or batches, which any worker continues: a
// step is one short transaction that holds the walk's row, ends the data of a few rows, and stores
// how far it came.
import { inTransaction } from '@quittance/postgres';
import type { Pool, PoolClient } from 'pg';
import {
  CREATE_WALK,
  DELIVERED_BEFORE,
  ending,
  LOCK_WALK,
  READ_WALK,
  RETENTION_KINDS,
  type RetentionKind,
  sliceOf,
  STORE_WALK,
  WALKS,
} from './retention-statements.js';

/** A step of a walk. */
export interface RetentionStep {
  readonly kind: RetentionKind;
  /** Days after its last change for which a payment, or a batch, keeps it; `null`: for ever. */
  readonly keepDays: number | null;
  readonly now: Date;
  /** The number of payments, or batches, to read. */
  readonly limit: number;
}

/** The result of a step. */
export interface RetentionResult {
  /** Payments of which the data ended, or batches. */
  readonly ended: number;
  /** True when the walk has more to read now. */
  readonly hasMore: boolean;
}

/** The state of a walk. */
export interface RetentionWalk {
  readonly kind: RetentionKind;
  /** `null`: for ever. */
  readonly keepDays: number | null;
  /** Payments of which the data ended so far, or batches. */
  readonly ended: number;
  /** When the walk was due, or the next one is. */
  readonly dueAt: Date;
  /** The time since the walk was due, in seconds; 0 before that. */
  readonly overdueSeconds: number;
}

/** A row of `retention`. */
interface WalkRow {
  readonly keep_days: number | null;
  readonly reached: string;
  readonly left_behind: string | null;
  readonly due_at: Date;
}

/** The next state of a row; `ended` counts those of the step alone. */
type StoredWalk = Omit<WalkRow, 'keep_days'> & { readonly ended: number };

interface SliceRow {
  readonly id: string;
  readonly isYoung: boolean;
  readonly isEnded: boolean;
  readonly isDue: boolean;
}

const NOTHING: RetentionResult = { ended: 0, hasMore: false };
const DAY_MS = 86_400_000;
/** Before every payment and every batch. */
const FIRST = '';
/**
 * The pause between two walks. The limits are days; a payment that was left behind is looked at
 * four times a day.
 */
const WALK_EVERY_MS = 6 * 3_600_000;

export class Retention {
  constructor(private readonly pool: Pool) {}

  /**
   * Continues the walk of a kind by one step. Does nothing while another process has the walk,
   * after a walk until the next one is due, and beyond the events that a subscriber has not handled
   * yet. Ends nothing of a payment that is not at rest.
   */
  async endStep(step: RetentionStep): Promise<RetentionResult> {
    await this.pool.query(CREATE_WALK, [step.kind, step.now]);
    return inTransaction(this.pool, (client) => endStepWith(client, step));
  }

  /** Returns the walks that workers have begun, in the order of {@link RETENTION_KINDS}. */
  async walks(): Promise<RetentionWalk[]> {
    const { rows } = await this.pool.query<RetentionWalk>(WALKS);
    return RETENTION_KINDS.flatMap((kind) => rows.filter((row) => row.kind === kind));
  }

  /** Returns how many of the next `limit` rows of a walk it would end now. */
  async countDue(step: RetentionStep): Promise<number> {
    const cutoff = await cutoffOf(this.pool, step);
    if (!cutoff) return 0;
    const { rows: walks } = await this.pool.query<WalkRow>(READ_WALK, [step.kind]);
    const values = [walks[0]?.reached ?? FIRST, step.limit, cutoff];
    const { rows } = await this.pool.query<SliceRow>(sliceOf(step.kind), values);
    return oldOf(rows).filter(isToEnd).length;
  }
}

async function endStepWith(client: PoolClient, step: RetentionStep): Promise<RetentionResult> {
  const { kind, keepDays, now, limit } = step;
  const { rows: locked } = await client.query<WalkRow>(LOCK_WALK, [kind]);
  const walk = locked[0];
  if (!walk) return NOTHING;
  const isNewAge = walk.keep_days !== keepDays;
  const cutoff = await cutoffOf(client, step);
  if (!cutoff || (!isNewAge && now < walk.due_at)) {
    if (isNewAge) await store(client, step, { ...walk, ended: 0 });
    return NOTHING;
  }
  const values = [walk.reached, limit, cutoff];
  const { rows } = await client.query<SliceRow>(sliceOf(kind), values);
  const old = oldOf(rows);
  const ended = await end(client, step, old.filter(isToEnd));
  const left = old.find(({ id, isEnded }) => !isEnded && !ended.has(id))?.id ?? null;
  const last = old.at(-1)?.id;
  const next: StoredWalk = {
    reached: last === undefined ? walk.reached : behind(kind, last),
    // No batch is too young for the walk to pass it: the next walk reads them all again.
    left_behind: kind === 'batches' ? FIRST : (walk.left_behind ?? left),
    due_at: isNewAge && now < walk.due_at ? now : walk.due_at,
    ended: ended.size,
  };
  const hasMore = old.length === limit;
  await store(client, step, hasMore ? next : atItsEnd(next, now));
  return { ended: ended.size, hasMore };
}

/** The next walk begins with the first payment that this one left behind. */
function atItsEnd(walk: StoredWalk, now: Date): StoredWalk {
  const reached = walk.left_behind ?? walk.reached;
  return { ...walk, reached, left_behind: null, due_at: new Date(now.getTime() + WALK_EVERY_MS) };
}

/** Ids grow with time: behind the first young payment are only young ones. */
function oldOf(rows: readonly SliceRow[]): SliceRow[] {
  const young = rows.findIndex(({ isYoung }) => isYoung);
  return rows.slice(0, young === -1 ? rows.length : young);
}

function isToEnd({ isEnded, isDue }: SliceRow): boolean {
  return isDue && !isEnded;
}

/** The place at which a walk continues after a row. No payment is between the two. */
function behind(kind: RetentionKind, id: string): string {
  return kind === 'batches' ? id : `${id}0`;
}

/** Returns the instant before which rows are old enough; `undefined` when none is. */
async function cutoffOf(
  connection: Pick<PoolClient, 'query'>,
  { kind, keepDays, now }: RetentionStep,
): Promise<Date | undefined> {
  if (keepDays === null) return undefined;
  const cutoff = new Date(now.getTime() - keepDays * DAY_MS);
  // No event is about a batch, so no queue needs one again.
  if (kind === 'batches') return cutoff;
  const { rows } = await connection.query<{ deliveredBefore: Date }>(DELIVERED_BEFORE);
  const delivered = rows[0]?.deliveredBefore;
  return delivered && (delivered < cutoff ? delivered : cutoff);
}

async function end(
  client: PoolClient,
  { kind, now }: RetentionStep,
  due: readonly SliceRow[],
): Promise<Set<string>> {
  if (due.length === 0) return new Set();
  const values = [due.map(({ id }) => id), now];
  const { rows } = await client.query<{ id: string }>(ending(kind), values);
  return new Set(rows.map(({ id }) => id));
}

async function store(
  client: PoolClient,
  { kind, keepDays, now }: RetentionStep,
  { reached, left_behind: leftBehind, ended, due_at: dueAt }: StoredWalk,
): Promise<void> {
  await client.query(STORE_WALK, [kind, keepDays, reached, leftBehind, ended, dueAt, now]);
}
