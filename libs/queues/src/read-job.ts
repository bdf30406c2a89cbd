// Whether a job can be ours, read without trust: whoever reaches Redis can add one, by mistake a card in it. Ours hold ids and
// nothing else, in the payload and around it.
import type { Job } from 'bullmq';
import { oddParts, shownNames } from '@quittance/redis';
import { type JobName, JOBS } from './jobs.js';

/** `ours` is handled here, `newer` by a process of a later version, and `foreign` by none. */
export type ReadJob =
  { readonly is: 'ours' | 'newer' } | { readonly is: 'foreign'; readonly reason: string };

/** As every row of the job table is named. */
const NAME = /^[a-z]{1,20}\.[a-z]{1,20}\.v\d{1,2}$/;
/** Ids of the things that jobs are about: `pi_`, `re_` and what may come. */
const ID = /^[a-z]{2,8}_[0-9a-z]{26}$/;
const ID_FIELD = /^[a-z][A-Za-z]{0,30}Id$/;
const FIELDS_MAX = 5;

/** Reads a job; the reason of a foreign one names fields and never what is in them. */
export function readJob(job: Job): ReadJob {
  const reason = foreignness(job);
  if (reason !== undefined) return { is: 'foreign', reason };
  return { is: isKnown(job.name) ? 'ours' : 'newer' };
}

export function isKnown(name: string): name is JobName {
  return Object.hasOwn(JOBS, name);
}

function foreignness(job: Job): string | undefined {
  const { name, data } = job;
  if (typeof name !== 'string' || !NAME.test(name)) return 'its name is not one of a job';
  const payload = isKnown(name) ? knownFaults(name, data) : unknownFaults(data);
  if (payload !== undefined) return `${name} cannot be read: ${payload}`;
  const odd = oddParts(job);
  return odd === undefined ? undefined : `${name} cannot be read: ${odd}`;
}

function knownFaults(name: JobName, data: unknown): string | undefined {
  const parsed = JOBS[name].payload.safeParse(data);
  if (parsed.success) return undefined;
  const told = parsed.error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') return `unexpected ${shownNames(issue.keys)}`;
    const [field] = issue.path;
    return field === undefined ? 'it is no object' : `${String(field)} missing or malformed`;
  });
  return told.join('; ');
}

/** The payload of a job that this version does not know: ids, whatever they are called. */
function unknownFaults(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return 'it is no object';
  const odd = Object.entries(data).filter(
    ([field, value]) => !(ID_FIELD.test(field) && typeof value === 'string' && ID.test(value)),
  );
  if (odd.length > 0) return `no id in ${shownNames(odd.map(([field]) => field))}`;
  return Object.keys(data).length > FIELDS_MAX ? 'too many ids' : undefined;
}
