// A job that cannot be ours is refused for good: it leaves Redis with everything that it brought,
// because what it holds may be a card that was published by mistake, and what stays is a record of
// why it was refused. The record is in the failed set, where people look, and holds nothing that
// came with the job.
import type { Redis } from 'ioredis';
import type { Job, Worker } from 'bullmq';
import { idForm, newId } from '@quittance/platform';

/** The name of a record. */
export const REFUSED_JOB = 'refused';
const RECORD_ID = /^refused-[0-9a-z]{26}$/;
/**
 * As many as the producers let a failed set hold. Beyond it nothing more is to be learnt from one
 * more.
 */
const RECORDS_KEPT = 10_000;

/** A name that can be shown although a stranger chose it: letters cannot be a number. */
const SHOWN = /^[A-Za-z_]{1,32}$/;
const NAMES_SHOWN = 10;

/** Whether a job is a record of an earlier refusal, which a person has put back on its queue. */
export function isRefusalRecord({ id = '', name, data }: Job): boolean {
  return name === REFUSED_JOB && RECORD_ID.test(id) && isEmpty(data);
}

function isEmpty(data: unknown): boolean {
  return typeof data === 'object' && data !== null && Object.keys(data).length === 0;
}

/** The names that can be shown, each once; `…` stands for the others. */
export function shownNames(names: readonly string[]): string {
  const shown = [...new Set(names.map((name) => (SHOWN.test(name) ? name : '…')))];
  const cut = shown.length > NAMES_SHOWN ? [...shown.slice(0, NAMES_SHOWN), '…'] : shown;
  return cut.join(', ');
}

/** What BullMQ keeps beside a job, under its key. */
const PARTS = ['lock', 'logs', 'dependencies', 'processed', 'failed', 'unsuccessful'];

/**
 * Removes the job with that id, which `worker` has taken, with whatever it has spread in Redis, and
 * records `reason`. Rejects when Redis is away: some of it may be gone, and doing it again is
 * harmless. Throw BullMQ's `DelayedError` afterwards, which tells the worker that the job is no
 * longer its affair.
 */
export async function removeRefused(worker: Worker, id: string, reason: string): Promise<void> {
  const redis = worker.opts.connection as Redis;
  const key = worker.toKey(id);
  const [deduplicationId, repeatKey] = await redis.hmget(key, 'deid', 'rjk');
  // A scheduler holds a copy of the job, and has its next one ready.
  if (repeatKey) await worker.getBackend().removeJobScheduler(repeatKey);
  await redis.del(`${key}:lock`);
  // It also lets go of a parent that waits for this job, and of children. What it finds odd is
  // removed below all the same.
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
    // Names and ids are in there, and no listener is.
    .del(worker.toKey('events'))
    .exec();
  const failure = results?.find(([error]) => error)?.[0];
  if (failure) throw failure;
  await recordRefusal(worker, reason);
}

/** Puts a record of a refusal into the failed set of the worker's queue. */
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
 * The shortest account number has 12 digits. In an id of ours, without the ids in it, are a step, a
 * version and an hour.
 */
const NUMBER = /\d{12}/;
const SEPARATORS = /[^0-9a-z]/g;

const OPTION = /^[A-Za-z]{1,32}$/;
/** Kinds of backoff, names of strategies. */
const WORD = /^[a-z]{1,20}$/;
const NUMBER_MAX = 1e11;
const TIMES = new Set(['timestamp', 'prevMillis']);
/** In a hundred years; no account number of so many digits is smaller. */
const TIME_MAX = 4e12;
const NESTING_MAX = 3;

/**
 * What a job has around its payload that none of ours has, naming options and no values;
 * `undefined` when there is nothing.
 */
export function oddParts({ id = '', opts }: Pick<Job, 'id' | 'opts'>): string | undefined {
  if (NUMBER.test(id.replaceAll(IDS, '').replaceAll(SEPARATORS, '')))
    return 'its id may hold a number';
  const odd = Object.entries(opts).filter(([option, value]) => !isPlain(option, value, id));
  if (odd.length === 0) return undefined;
  return `unexpected in its options ${shownNames(odd.map(([option]) => option))}`;
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
