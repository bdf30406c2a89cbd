// From what a schema found to what a caller reads: every fault with its dotted path, a stable code and words,
// and never the value that was sent.
import type { z } from 'zod';
import type { FaultEntry } from '../faults.js';

type Issue = z.core.$ZodIssue;

/** Our code for each kind of issue; kinds not listed are `invalid`. */
const CODES: Partial<Record<Issue['code'], string>> = {
  invalid_type: 'wrong_type',
  too_small: 'too_small',
  too_big: 'too_big',
  invalid_format: 'invalid_format',
  not_multiple_of: 'invalid_number',
  invalid_value: 'not_allowed',
  invalid_key: 'invalid_name',
  unrecognized_keys: 'unknown_field',
};

/** A name sent by the caller, shown in a path: cut short, and without digit runs, in case a value was sent as a name. */
const LONGEST_NAME = 64;
const LONG_DIGIT_RUN = /\d{9,}/g;

/**
 * Every fault of a value. Give the value itself where it is at hand: it is used only to tell a missing field
 * (`required`) from one of the wrong type. A refinement names its own code with `params: { code: '…' }`.
 */
export function faultEntriesOf(issues: readonly Issue[], value?: unknown): FaultEntry[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: dotted([...issue.path, key]),
        code: 'unknown_field',
        message: 'This field is not known here.',
      }));
    }
    if (issue.code === 'invalid_type' && value !== undefined && isMissing(value, issue.path)) {
      return [{ path: dotted(issue.path), code: 'required', message: 'This field is required.' }];
    }
    return [{ path: dotted(issue.path), code: codeOf(issue), message: issue.message }];
  });
}

function codeOf(issue: Issue): string {
  if (issue.code === 'custom') {
    const code: unknown = issue.params?.['code'];
    return typeof code === 'string' ? code : 'invalid';
  }
  return CODES[issue.code] ?? 'invalid';
}

function dotted(path: readonly PropertyKey[]): string {
  return path
    .map((segment) => String(segment).replace(LONG_DIGIT_RUN, '…').slice(0, LONGEST_NAME))
    .join('.');
}

function isMissing(value: unknown, path: readonly PropertyKey[]): boolean {
  let current: unknown = value;
  for (const segment of path) {
    if (typeof current !== 'object' || current === null) return false;
    current = Reflect.get(current, segment);
  }
  return current === undefined;
}
