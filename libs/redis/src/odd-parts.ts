// What is around a job's payload, its id and its options, read without trust. In ours stand numbers, words and ids.
import type { Job } from 'bullmq';
import { shownNames } from './refused-jobs.js';

const IDS = /[a-z]{2,8}_[0-9a-z]{26}/g;
/** The shortest account number has 12 digits. In an id of ours, without the ids in it, are a step, a version and an hour. */
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

/** What a job has around its payload that none of ours has, naming options and no values; `undefined` when there is nothing. */
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
