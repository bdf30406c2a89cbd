// From a value to what a schema makes of it, or to what a caller reads: every fault with its dotted path, a stable code and
// words, and nothing that was sent. Names come back where they are the schema's own.
import type { z } from 'zod';
import type { FaultEntry } from '../faults.js';
import { namesAt, shownPath, unknownMemberPath } from './schema-names.js';
import { wordsFor } from './schema-words.js';

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

/** What a schema makes of a value, or every fault of the value. */
export type Checked<T> =
  | { readonly isSound: true; readonly data: T }
  | { readonly isSound: false; readonly faults: readonly FaultEntry[] };

/** Parses a value that comes from a caller. A refinement names its own code with `params: { code: '…' }`. */
export function checkAgainst<T>(schema: z.ZodType<T>, value: unknown): Checked<T> {
  const parsed = schema.safeParse(value, { error: wordsFor });
  if (parsed.success) return { isSound: true, data: parsed.data };
  const faults = parsed.error.issues.map((issue) => faultOf(issue, schema, value));
  return { isSound: false, faults };
}

function faultOf(issue: Issue, schema: z.ZodType, value: unknown): FaultEntry {
  if (issue.code === 'unrecognized_keys') return unknownMembers(issue, schema);
  const path = shownPath(schema, issue.path);
  if (issue.code === 'invalid_type' && issue.path.length > 0 && isMissing(value, issue.path)) {
    return { path, code: 'required', message: 'This field is required.' };
  }
  return { path, code: codeOf(issue), message: issue.message };
}

/** One entry for an object, however many it has: a body full of names must not make an answer that is longer. */
function unknownMembers(issue: z.core.$ZodIssueUnrecognizedKeys, schema: z.ZodType): FaultEntry {
  const count = issue.keys.length;
  const takes = namesAt(schema, issue.path).join(', ');
  return {
    path: unknownMemberPath(schema, issue.path),
    code: 'unknown_field',
    message: `${count === 1 ? 'A field is' : `${count} fields are`} not known here; known are ${takes}.`,
  };
}

function codeOf(issue: Issue): string {
  if (issue.code === 'custom') {
    const code: unknown = issue.params?.['code'];
    return typeof code === 'string' ? code : 'invalid';
  }
  return CODES[issue.code] ?? 'invalid';
}

function isMissing(value: unknown, path: readonly PropertyKey[]): boolean {
  let current: unknown = value;
  for (const segment of path) {
    if (typeof current !== 'object' || current === null) return false;
    current = Reflect.get(current, segment);
  }
  return current === undefined;
}
