// Ends what finished payments leave behind, once it is old enough. Each kind of data has one walk
// through all payments, which any worker continues: a batch is one short transaction that holds the
// walk's row, ends the data of a few payments, and stores how far it came.
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

/** A batch to end. */
export interface RetentionBatch {
  readonly kind: RetentionKind;
  /** Days after its last change for which a payment keeps this data; `null`: for ever. */
  readonly keepDays: number | null;
  readonly now: Date;
  /** The number of payments to read. */
  readonly limit: number;
}

/** The result of a batch. */
export interface RetentionResult {
  /** Payments of which the data ended. */
  readonly ended: number;
  /** True when the walk has further payments now. */
  readonly hasMore: boolean;
}

/** The state of a walk. */
export interface RetentionWalk {
  readonly kind: RetentionKind;
  /** `null`: for ever. */
  readonly keepDays: number | null;
  /** Payments of which the data ended so far. */
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

/** The next state of a row; `ended` counts the payments of the batch alone. */
type StoredWalk = Omit<WalkRow, 'keep_days'> & { readonly ended: number };

interface SliceRow {
  readonly id: string;
  readonly isYoung: boolean;
  readonly isEnded: boolean;
  readonly isDue: boolean;
}

const NOTHING: RetentionResult = { ended: 0, hasMore: false };
const DAY_MS = 86_400_000;
/**
 * The pause between two walks. The limits are days; a payment that was left behind is looked at
 * four times a day.
 */
const WALK_EVERY_MS = 6 * 3_600_000;

export class Retention {
  constructor(private readonly pool: Pool) {}

  /**
   * Continues the walk of a kind by one batch. Does nothing while another process has the walk,
   * after a walk until the next one is due, and beyond the events that a subscriber has not handled
   * yet. Ends nothing of a payment that is not at rest.
   */
  async endBatch(batch: RetentionBatch): Promise<RetentionResult> {
    await this.pool.query(CREATE_WALK, [batch.kind, batch.now]);
    return inTransaction(this.pool, (client) => endBatchWith(client, batch));
  }

  /** Returns the walks that workers have begun, in the order of {@link RETENTION_KINDS}. */
  async walks(): Promise<RetentionWalk[]> {
    const { rows } = await this.pool.query<RetentionWalk>(WALKS);
    return RETENTION_KINDS.flatMap((kind) => rows.filter((row) => row.kind === kind));
  }

  /** Returns how many of the next `limit` payments of a walk it would end now. */
  async countDue(batch: RetentionBatch): Promise<number> {
    const cutoff = await cutoffOf(this.pool, batch);
    if (!cutoff) return 0;
    const { rows: walks } = await this.pool.query<WalkRow>(READ_WALK, [batch.kind]);
    const values = [walks[0]?.reached ?? '', batch.limit, cutoff];
    const { rows } = await this.pool.query<SliceRow>(sliceOf(batch.kind), values);
    return oldOf(rows).filter(isToEnd).length;
  }
}

async function endBatchWith(client: PoolClient, batch: RetentionBatch): Promise<RetentionResult> {
  const { kind, keepDays, now, limit } = batch;
  const { rows: locked } = await client.query<WalkRow>(LOCK_WALK, [kind]);
  const walk = locked[0];
  if (!walk) return NOTHING;
  const isNewAge = walk.keep_days !== keepDays;
  const cutoff = await cutoffOf(client, batch);
  if (!cutoff || (!isNewAge && now < walk.due_at)) {
    if (isNewAge) await store(client, batch, { ...walk, ended: 0 });
    return NOTHING;
  }
  const values = [walk.reached, limit, cutoff];
  const { rows } = await client.query<SliceRow>(sliceOf(kind), values);
  const old = oldOf(rows);
  const ended = await end(client, batch, old.filter(isToEnd));
  const left = old.find(({ id, isEnded }) => !isEnded && !ended.has(id))?.id ?? null;
  const next: StoredWalk = {
    reached: old.length > 0 ? afterId(old.at(-1)!.id) : walk.reached,
    left_behind: walk.left_behind ?? left,
    due_at: isNewAge && now < walk.due_at ? now : walk.due_at,
    ended: ended.size,
  };
  const hasMore = old.length === limit;
  await store(client, batch, hasMore ? next : atItsEnd(next, now));
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

/** No id is between the given one and this text. */
function afterId(id: string): string {
  return `${id}0`;
}

/** Returns the instant before which payments are old enough; `undefined` when none is. */
async function cutoffOf(
  connection: Pick<PoolClient, 'query'>,
  { keepDays, now }: RetentionBatch,
): Promise<Date | undefined> {
  if (keepDays === null) return undefined;
  const { rows } = await connection.query<{ deliveredBefore: Date }>(DELIVERED_BEFORE);
  const delivered = rows[0]?.deliveredBefore;
  const cutoff = now.getTime() - keepDays * DAY_MS;
  return delivered && new Date(Math.min(cutoff, delivered.getTime()));
}

async function end(
  client: PoolClient,
  { kind, now }: RetentionBatch,
  due: readonly SliceRow[],
): Promise<Set<string>> {
  if (due.length === 0) return new Set();
  const values = [due.map(({ id }) => id), now];
  const { rows } = await client.query<{ id: string }>(ending(kind), values);
  return new Set(rows.map(({ id }) => id));
}

async function store(
  client: PoolClient,
  { kind, keepDays, now }: RetentionBatch,
  { reached, left_behind: leftBehind, ended, due_at: dueAt }: StoredWalk,
): Promise<void> {
  await client.query(STORE_WALK, [kind, keepDays, reached, leftBehind, ended, dueAt, now]);
}
