// Permanently rejects a job that our code did not publish. The job is removed from Redis with
// everything that belongs to it, because it may contain a card that was published by mistake. A
// record of the reason replaces it in the failed set, where operators look; the record contains
// nothing of the job.
import type { Redis } from 'ioredis';
import type { Job, Worker } from 'bullmq';
import { idForm, newId } from '@quittance/platform';

/** The job name of a record. */
export const REFUSED_JOB = 'refused';
const RECORD_ID = /^refused-[0-9a-z]{26}$/;
/** The same limit that producers set for a failed set. More records would add no information. */
const RECORDS_KEPT = 10_000;

/** A name that may be shown although a stranger chose it: letters cannot be a card number. */
const SHOWN = /^[A-Za-z_]{1,32}$/;
const NAMES_SHOWN = 10;

/** True when a job is a record of an earlier refusal that a person has put back on its queue. */
export function isRefusalRecord({ id = '', name, data }: Job): boolean {
  return name === REFUSED_JOB && RECORD_ID.test(id) && isEmpty(data);
}

function isEmpty(data: unknown): boolean {
  return typeof data === 'object' && data !== null && Object.keys(data).length === 0;
}

/** Returns the names that may be shown, each once. `…` stands for the others. */
export function shownNames(names: readonly string[]): string {
  const shown = [...new Set(names.map((name) => (SHOWN.test(name) ? name : '…')))];
  const cut = shown.length > NAMES_SHOWN ? [...shown.slice(0, NAMES_SHOWN), '…'] : shown;
  return cut.join(', ');
}

/** The keys that BullMQ stores beside a job, under the job's key. */
const PARTS = ['lock', 'logs', 'dependencies', 'processed', 'failed', 'unsuccessful'];

/**
 * Removes the job `id`, which `worker` has taken, with all its keys in Redis, and records `reason`.
 * Rejects while Redis is unavailable; a part may be gone by then, and repeating the removal is
 * harmless. Throw BullMQ's `DelayedError` afterwards, which makes the worker let go of the job.
 */
export async function removeRefused(worker: Worker, id: string, reason: string): Promise<void> {
  const redis = worker.opts.connection as Redis;
  const key = worker.toKey(id);
  const [deduplicationId, repeatKey] = await redis.hmget(key, 'deid', 'rjk');
  // A scheduler holds a copy of the job and has created the next one.
  if (repeatKey) await worker.getBackend().removeJobScheduler(repeatKey);
  await redis.del(`${key}:lock`);
  // Also detaches a parent that waits for this job, and children. Whatever it rejects as malformed
  // is removed below.
  await worker
    .getBackend()
    .remove(id, true)
    .catch(() => undefined);
  const deduplication = deduplicationId ? [worker.toKey(`de:${deduplicationId}`)] : [];
  const results = await redis
    .multi()
    .lrem(worker.toKey('active'), 0, id)
    .srem(worker.toKey('stalled'), id)
    .del(key, ...PARTS.map((part) => `${key}:${part}`), ...deduplication)
    // The event stream contains names and ids, and has no listener.
    .del(worker.toKey('events'))
    .exec();
  const failure = results?.find(([error]) => error)?.[0];
  if (failure) throw failure;
  await recordRefusal(worker, reason);
}

/** Adds a record of a refusal to the failed set of the worker's queue. */
export async function recordRefusal(worker: Worker, reason: string): Promise<void> {
  const redis = worker.opts.connection as Redis;
  const failed = worker.toKey('failed');
  if ((await redis.zcard(failed)) >= RECORDS_KEPT) return;
  const [id, now] = [newId(REFUSED_JOB).replace('_', '-'), Date.now()];
  const record = {
    name: REFUSED_JOB,
    data: '{}',
    opts: '{"attempts":1}',
    timestamp: now,
    processedOn: now,
    finishedOn: now,
    delay: 0,
    priority: 0,
    attemptsMade: 1,
    failedReason: reason,
    stacktrace: '[]',
  };
  await redis.multi().hset(worker.toKey(id), record).zadd(failed, now, id).exec();
}

const IDS = new RegExp(idForm('[a-z]{2,8}'), 'g');
/**
 * The shortest account number has 12 digits. Our ids, apart from the embedded ids, contain a step,
 * a version and an hour.
 */
const NUMBER = /\d{12}/;
const SEPARATORS = /[^0-9a-z]/g;

const OPTION = /^[A-Za-z]{1,32}$/;
/** Backoff types and strategy names. */
const WORD = /^[a-z]{1,20}$/;
const NUMBER_MAX = 1e11;
const TIMES = new Set(['timestamp', 'prevMillis']);
/** A time a hundred years ahead. No account number with as many digits is smaller. */
const TIME_MAX = 4e12;
const NESTING_MAX = 3;

/**
 * Describes the parts of a job, other than its payload, that none of our jobs has. Names options
 * but no values. Returns `undefined` when there are none.
 */
export function unexpectedParts({ id = '', opts }: Pick<Job, 'id' | 'opts'>): string | undefined {
  if (NUMBER.test(id.replaceAll(IDS, '').replaceAll(SEPARATORS, '')))
    return 'its id may hold a number';
  const unexpected = Object.entries(opts).filter(([option, value]) => !isPlain(option, value, id));
  if (unexpected.length === 0) return undefined;
  return `unexpected in its options ${shownNames(unexpected.map(([option]) => option))}`;
}

function isPlain(option: string, value: unknown, id: string, nesting = 0): boolean {
  if (!OPTION.test(option)) return false;
  if (value === undefined || value === null || typeof value === 'boolean') return true;
  if (typeof value === 'number')
    return Math.abs(value) < (TIMES.has(option) ? TIME_MAX : NUMBER_MAX);
  if (typeof value === 'string') return WORD.test(value) || value === id;
  if (typeof value !== 'object' || nesting >= NESTING_MAX || Array.isArray(value)) return false;
  return Object.entries(value).every(([inner, one]) => isPlain(inner, one, id, nesting + 1));
}
