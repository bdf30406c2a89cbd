// What is wrong with a value, in our words: those of a schema's library change with it, and may quote what was sent.
import type { z } from 'zod';

type Issue = z.core.$ZodRawIssue;

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  null: 'null',
};

/** Used where a schema has no words of its own. Made of what the schema asks for, never of the value. */
export function wordsFor(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `Must be ${KINDS[String(issue.expected)] ?? 'of another type'}.`;
    case 'too_small':
      return `Must ${measure(issue.origin, issue.minimum, issue.inclusive === false ? 'more than' : 'at least')}.`;
    case 'too_big':
      return `Must ${measure(issue.origin, issue.maximum, issue.inclusive === false ? 'less than' : 'at most')}.`;
    case 'invalid_value':
      return `Must be one of ${issue.values.map(String).join(', ')}.`;
    case 'invalid_format':
      return 'Must have the form that the API documents.';
    case 'not_multiple_of':
      return `Must be a multiple of ${String(issue.divisor)}.`;
    case 'invalid_key':
      return nameFault(issue.issues);
    case 'invalid_union':
      return 'Must have one of the forms that the API documents.';
    default:
      return 'Is not taken here.';
  }
}

function measure(origin: unknown, limit: number | bigint, how: string): string {
  if (origin === 'string') return `be ${how} ${limit} characters long`;
  if (origin === 'array' || origin === 'set') return `have ${how} ${limit} entries`;
  return `be ${how} ${limit}`;
}

/** A name in a map of the caller's own has faults as a text has. */
function nameFault(issues: readonly { readonly message: string }[]): string {
  return ['A name in it is not taken.', ...issues.map(({ message }) => message)].join(' ');
}
