// The contract of a published payment: the queue, the job, and its data. Everything else in a job
// is the publisher's choice, and none of it may do harm.
import { holdsSecurityCode, looksLikeCard } from '@quittance/cards';
import type { FaultEntry } from '@quittance/platform';
import type { Job } from 'bullmq';
import { readsClearCard } from './clear-card.js';

/** The name contains the version of the data, as those of our own jobs do. */
export const CREATE_JOB = 'payment.create.v1';

/** The parts of a job that a publisher chooses. */
export type PublishedJob = Pick<
  Job,
  'id' | 'name' | 'data' | 'opts' | 'progress' | 'parent' | 'parentKey' | 'repeatJobKey'
>;

/**
 * Returns every fault of a job but those of its signature and payload. Paths name parts of the job
 * and never what is in them.
 */
export function jobFaults(job: PublishedJob): readonly FaultEntry[] {
  return [
    job.name === CREATE_JOB ? undefined : OTHER_NAME,
    hasExtraData(job.data) ? OTHER_DATA : undefined,
    hasParent(job) ? PARENT : undefined,
    isRepeated(job) ? REPEATED : undefined,
  ].filter((fault) => fault !== undefined);
}

const OTHER_NAME: FaultEntry = {
  path: 'job.name',
  code: 'not_allowed',
  message: `Must be "${CREATE_JOB}".`,
};
const OTHER_DATA: FaultEntry = {
  path: 'job.data',
  code: 'unknown_field',
  message: 'Must be an object with the member jws and no other.',
};
const PARENT: FaultEntry = {
  path: 'job.parent',
  code: 'not_allowed',
  message: 'Must not have a parent: add the job to the queue by itself.',
};
const REPEATED: FaultEntry = {
  path: 'job.repeat',
  code: 'not_allowed',
  message: 'Must not be repeated by a scheduler: a reference is one payment.',
};

/** The fault of a job whose data was erased before its other faults could be found. */
export const DATA_ERASED: FaultEntry = {
  path: 'job.data',
  code: 'not_allowed',
  message: 'Holds card data in clear, or cannot be read. It was erased.',
};

function hasExtraData(data: unknown): boolean {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return true;
  return Object.keys(data).some((name) => name !== 'jws');
}

/** True when the job belongs to a flow, whose keys in Redis its publisher may have no right to. */
function hasParent({ parent, parentKey, opts }: PublishedJob): boolean {
  return Boolean(parent ?? parentKey ?? opts.parent);
}

function isRepeated({ repeatJobKey, opts }: PublishedJob): boolean {
  return Boolean(repeatJobKey) || 'repeat' in opts;
}

/** Returns the JWS of a job, if any. */
export function jwsOf(data: unknown): unknown {
  return typeof data === 'object' && data !== null && 'jws' in data ? data.jws : undefined;
}

/** True when the data must leave Redis at once, because it is or may contain a card in clear. */
export function mustErase({ data, name }: PublishedJob): boolean {
  return name !== CREATE_JOB || hasExtraData(data) || readsClearCard(jwsOf(data));
}

/**
 * True when a part of the job that erasing its data would not remove contains a card number: its
 * id, name, options or progress.
 */
export function hasCardBesideData({ id, name, opts, progress }: PublishedJob): boolean {
  const text = JSON.stringify([id, name, opts, progress]);
  return looksLikeCard(text) || holdsSecurityCode(text);
}

/** About a minute of attempts after an error of ours (1, 2, 4, 8, 16, 32 s). */
export const ATTEMPTS = 7;
const FIRST_DELAY_MS = 1_000;

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 24 * HOUR_SECONDS;

/**
 * The options of every job here, in place of its publisher's. Results stay long enough to be read,
 * and reasons long enough for a person to look at them. The numbers bound the memory in Redis.
 */
export const OUR_OPTIONS: Job['opts'] = {
  attempts: ATTEMPTS,
  backoff: { type: 'exponential', delay: FIRST_DELAY_MS, jitter: 0.5 },
  removeOnComplete: { age: HOUR_SECONDS, count: 10_000 },
  removeOnFail: { age: 7 * DAY_SECONDS, count: 10_000 },
  // A stack says where our code failed, to readers who do not have it.
  stackTraceLimit: 0,
  lifo: false,
};
