// Classifies the jobs that a queue hands out: any program with access to Redis can add one.
import { idPattern } from '@quittance/platform';
import { shownNames, unexpectedParts } from '@quittance/redis';
import type { Job } from 'bullmq';
import { type JobName, JOBS } from './jobs.js';

/**
 * The origin of a job: `ours` has a handler here, `newer` in a later version, `foreign` in none.
 */
export type ReadJob =
  { readonly is: 'ours' | 'newer' } | { readonly is: 'foreign'; readonly reason: string };

/** The form of the job names in the table. */
const NAME = /^[a-z]{1,20}\.[a-z]{1,20}\.v\d{1,2}$/;
/** The form of the ids in payloads: `pi_`, `re_` and future prefixes. */
const ID = idPattern('[a-z]{2,8}');
const ID_FIELD = /^[a-z][A-Za-z]{0,30}Id$/;
const FIELDS_MAX = 5;

/** Classifies a job. The reason for a foreign one names fields and never their contents. */
export function readJob(job: Job): ReadJob {
  const reason = foreignReason(job);
  if (reason !== undefined) return { is: 'foreign', reason };
  return { is: isKnown(job.name) ? 'ours' : 'newer' };
}

function isKnown(name: string): name is JobName {
  return Object.hasOwn(JOBS, name);
}

function foreignReason(job: Job): string | undefined {
  const { name, data } = job;
  if (typeof name !== 'string' || !NAME.test(name))
    return 'its name does not have the form of a job name';
  const payload = isKnown(name) ? knownFaults(name, data) : unknownFaults(data);
  if (payload !== undefined) return `${name} cannot be read: ${payload}`;
  const odd = unexpectedParts(job);
  return odd === undefined ? undefined : `${name} cannot be read: ${odd}`;
}

function knownFaults(name: JobName, data: unknown): string | undefined {
  const parsed = JOBS[name].payload.safeParse(data);
  if (parsed.success) return undefined;
  const faults = parsed.error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') return `unexpected ${shownNames(issue.keys)}`;
    const [field] = issue.path;
    return field === undefined ? 'it is not an object' : `${String(field)} missing or malformed`;
  });
  return faults.join('; ');
}

/** Checks the payload of a job that this version does not know: it may contain only ids. */
function unknownFaults(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    return 'it is not an object';
  const odd = Object.entries(data).filter(
    ([field, value]) => !(ID_FIELD.test(field) && typeof value === 'string' && ID.test(value)),
  );
  if (odd.length > 0) return `no id in ${shownNames(odd.map(([field]) => field))}`;
  return Object.keys(data).length > FIELDS_MAX ? 'too many ids' : undefined;
}
