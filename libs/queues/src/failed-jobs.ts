// The failed set of a queue for operators: its jobs by reason, and the retry or removal of all that
// match a filter. It works on queues of jobs and of subscribers. A set has at most some ten
// thousand jobs, because producers limit it; a read takes a few fields of each, never the payloads.
import { idForm } from '@quittance/platform';
import type { Queue } from 'bullmq';
import { INTENTS_QUEUE } from './jobs.js';

/** A failed job. Members have the names of the ops API. */
export interface FailedJob {
  /** Null where publishers chose it. */
  readonly id: string | null;
  readonly name: string | null;
  readonly failed_at: string;
  readonly attempts: number;
  readonly reason: string;
  /** The payments, refunds and events in its payload. */
  readonly subjects: readonly string[];
}

/** A failed set, and the part of it that matches a filter. */
export interface FailedJobs {
  readonly total: number;
  readonly matches: number;
  /** The newest failure that matches; null if none does. */
  readonly until: string | null;
  /** Of the whole set, the most frequent first. */
  readonly reasons: readonly { readonly reason: string; readonly count: number }[];
  /** Of those that match, oldest first. */
  readonly data: readonly FailedJob[];
}

/** The failed jobs that an operator has counted: those of a reason, up to an instant. */
export interface FailedSelection {
  /** As {@link FailedJobs} has it; undefined selects every reason. */
  readonly reason: string | undefined;
  readonly until: Date;
}

/** A job of a failed set without its payload. */
interface Entry {
  readonly id: string;
  readonly failedAtMs: number;
  readonly reason: string;
  readonly name: string;
  readonly attempts: number;
}

/** The commands that BullMQ sends without waiting for the previous one's answer. */
const READ_AT_ONCE = 500;
const REASON_LENGTH_MAX = 200;
const REASONS_MAX = 50;
const SUBJECTS_MAX = 20;

/** The failed set of one queue. */
export class FailedSet {
  constructor(private readonly queue: Queue) {}

  /** Counts by reason, and returns the oldest `limit` jobs that match. */
  async read(reason: string | undefined, limit: number): Promise<FailedJobs> {
    const entries = await this.#entries();
    const matching = entries.filter(ofReason(reason));
    const newest = matching.at(-1);
    const data = await Promise.all(matching.slice(0, limit).map((entry) => this.#shown(entry)));
    return {
      total: entries.length,
      matches: matching.length,
      until: newest === undefined ? null : instant(newest),
      reasons: reasonsOf(entries),
      data,
    };
  }

  /** Returns the number of jobs that match now. */
  async count(selection: FailedSelection): Promise<number> {
    return (await this.#selected(selection)).length;
  }

  /**
   * Returns the jobs that match to the queue, oldest first and with all their attempts. Resolves
   * with their number, without those that left the failed set meanwhile.
   */
  retry(selection: FailedSelection): Promise<number> {
    return this.#each(selection, (id) => this.#retryOne(id));
  }

  /** Removes the jobs that match, as {@link retry} does. */
  discard(selection: FailedSelection): Promise<number> {
    return this.#each(selection, (id) => this.#discardOne(id));
  }

  async #each(selection: FailedSelection, change: (id: string) => Promise<void>): Promise<number> {
    let changed = 0;
    for (const { id } of await this.#selected(selection)) {
      if (!(await this.#isFailed(id))) continue;
      try {
        await change(id);
        changed += 1;
      } catch (error) {
        // Another operator was quicker, or Redis is unavailable.
        if (await this.#isFailed(id)) throw error;
      }
    }
    return changed;
  }

  async #retryOne(id: string): Promise<void> {
    const job = await this.queue.getJob(id);
    await job?.retry('failed', { resetAttemptsMade: true });
  }

  async #discardOne(id: string): Promise<void> {
    await this.queue.remove(id);
  }

  async #isFailed(id: string): Promise<boolean> {
    const redis = await this.#redis();
    return (await redis.zscore(this.#key, id)) !== null;
  }

  async #selected({ reason, until }: FailedSelection): Promise<Entry[]> {
    const entries = await this.#entries();
    return entries
      .filter(ofReason(reason))
      .filter(({ failedAtMs }) => failedAtMs <= until.getTime());
  }

  /** Returns the whole set, oldest first. */
  async #entries(): Promise<Entry[]> {
    const redis = await this.#redis();
    const ids = await redis.zrange(this.#key, 0, -1, { WITHSCORES: true });
    const scored = ids.flatMap((id, index) =>
      index % 2 === 0 ? [{ id, failedAtMs: Number(ids[index + 1]) }] : [],
    );
    const entries: Entry[] = [];
    for (let start = 0; start < scored.length; start += READ_AT_ONCE) {
      const page = scored.slice(start, start + READ_AT_ONCE);
      entries.push(...(await Promise.all(page.map((one) => this.#entry(one)))));
    }
    return entries;
  }

  async #entry({ id, failedAtMs }: Pick<Entry, 'id' | 'failedAtMs'>): Promise<Entry> {
    const redis = await this.#redis();
    const key = this.queue.toKey(id);
    const [reason, name, attempts] = await redis.hmget(key, 'failedReason', 'name', 'atm');
    return {
      id,
      failedAtMs,
      reason: reasonText(reason ?? ''),
      name: name ?? '',
      attempts: Number(attempts ?? 0),
    };
  }

  async #shown(entry: Entry): Promise<FailedJob> {
    const { id, name, attempts, reason } = entry;
    const shown = { failed_at: instant(entry), attempts, reason };
    // Publishers chose everything else.
    if (this.queue.name === INTENTS_QUEUE) return { id: null, name: null, ...shown, subjects: [] };
    const redis = await this.#redis();
    const payload = (await redis.hget(this.queue.toKey(id), 'data')) ?? '';
    return { id, name, ...shown, subjects: subjectsIn(payload) };
  }

  #redis() {
    return this.queue.getBackend().client;
  }

  get #key(): string {
    return this.queue.toKey('failed');
  }
}

const instant = ({ failedAtMs }: Entry) => new Date(failedAtMs).toISOString();

const ofReason = (reason: string | undefined) => (entry: Entry) =>
  reason === undefined || entry.reason === reason;

const IDS = new RegExp(`\\b([a-z]{2,8})_[0-9a-z]{26}(?:_\\d+)?\\b`, 'g');
/** Also an account number, in groups or not. */
const NUMBERS = /\d(?:[ -]?\d){4,}/g;

/**
 * Returns the reason of a failure without the ids and long numbers in it, so that jobs that failed
 * for the same reason have the same text, and no text has an account number.
 */
export function reasonText(failedReason: string): string {
  const [line = ''] = failedReason.split('\n');
  const text = line.replaceAll(IDS, '$1_…').replaceAll(NUMBERS, '…').trim();
  return text === '' ? 'no reason' : text.slice(0, REASON_LENGTH_MAX);
}

const SUBJECT = new RegExp(`\\b(?:${idForm('(?:pi|re)')}|evt_[0-9a-z]{26}_\\d{1,9})\\b`, 'g');

/** Returns the ids in a payload, each once. */
function subjectsIn(payload: string): string[] {
  return [...new Set(payload.match(SUBJECT))].slice(0, SUBJECTS_MAX);
}

function reasonsOf(entries: readonly Entry[]): FailedJobs['reasons'] {
  const counts = new Map<string, number>();
  for (const { reason } of entries) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => ({ reason, count }))
    .toSorted((a, b) => b.count - a.count)
    .slice(0, REASONS_MAX);
}
