// Checks values against schemas and describes every fault to the caller: its dotted path, a stable
// code and a message, without any value that was sent. Only names from the schema are repeated.
import { z } from 'zod';
import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { type FaultEntry, InvalidRequest, InvariantViolation } from '@quittance/platform';

type Issue = z.core.$ZodIssue;

/** Our code for each kind of issue. Any other kind is `invalid`. */
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

/** The kinds of issue that an absent member has: by its type, its list of values, or its forms. */
const OF_ABSENT: ReadonlySet<Issue['code']> = new Set([
  'invalid_type',
  'invalid_value',
  'invalid_union',
]);

/** The parsed value, or every fault of the value. */
export type Checked<T> =
  | { readonly isValid: true; readonly data: T }
  | { readonly isValid: false; readonly faults: readonly FaultEntry[] };

/** Parses a value from a caller. A refinement names its own code with `params: { code: '…' }`. */
export function checkAgainst<T>(schema: z.ZodType<T>, value: unknown): Checked<T> {
  const parsed = schema.safeParse(value, { error: messageFor });
  if (parsed.success) return { isValid: true, data: parsed.data };
  const faults = parsed.error.issues.map((issue) => faultOf(issue, schema, value));
  return { isValid: false, faults };
}

function faultOf(issue: Issue, schema: z.ZodType, value: unknown): FaultEntry {
  if (issue.code === 'unrecognized_keys') return unknownMembers(issue, schema);
  const path = shownPath(schema, issue.path);
  if (OF_ABSENT.has(issue.code) && issue.path.length > 0 && isMissing(value, issue.path)) {
    return { path, code: 'required', message: 'This field is required.' };
  }
  return { path, code: codeOf(issue), message: issue.message };
}

/**
 * Returns one entry for an object, however many unknown members it has, so that the response cannot
 * grow with the body.
 */
function unknownMembers(issue: z.core.$ZodIssueUnrecognizedKeys, schema: z.ZodType): FaultEntry {
  const count = issue.keys.length;
  const takes = namesAt(schema, issue.path).join(', ');
  return {
    path: unknownMemberPath(schema, issue.path),
    code: 'unknown_field',
    message: `${count === 1 ? 'A field is' : `${count} fields are`} unknown; known fields are ${takes}.`,
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

type Schema = z.core.$ZodType;

/** Replaces a name that the schema does not have. */
const ANOTHER_NAME = '…';

/** Returns a path as callers read it: names from the schema and list indexes, joined by dots. */
function shownPath(schema: Schema, path: readonly PropertyKey[]): string {
  const shown: string[] = [];
  let places: readonly Schema[] = [schema];
  for (const name of path) {
    const members = places.flatMap(formsOf).map((form) => memberOf(form, name));
    const isKnown = members.some((member) => member?.isKnown);
    shown.push(isKnown ? String(name) : ANOTHER_NAME);
    places = members.flatMap((member) => member?.schema ?? []);
  }
  return shown.join('.');
}

/** Returns the path for the unknown members of the object at `path`. */
function unknownMemberPath(schema: Schema, path: readonly PropertyKey[]): string {
  return shownPath(schema, [...path, Symbol('unknown')]);
}

/** Returns the member names of the object at `path`. */
function namesAt(schema: Schema, path: readonly PropertyKey[]): string[] {
  const places = path.reduce<readonly Schema[]>(
    (holders, name) =>
      holders.flatMap(formsOf).flatMap((form) => memberOf(form, name)?.schema ?? []),
    [schema],
  );
  const names = places
    .flatMap(formsOf)
    .flatMap(({ _zod: { def } }) => (def.type === 'object' ? Object.keys(def.shape) : []));
  return [...new Set(names)];
}

interface Member {
  readonly isKnown: boolean;
  readonly schema: Schema;
}

function memberOf({ _zod: { def } }: z.core.$ZodTypes, name: PropertyKey): Member | undefined {
  if (def.type === 'array' && typeof name === 'number') return known(def.element);
  if (def.type === 'record') return { isKnown: false, schema: def.valueType };
  if (def.type !== 'object' || !Object.hasOwn(def.shape, name)) return undefined;
  return known(def.shape[String(name)]);
}

function known(schema: Schema | undefined): Member | undefined {
  return schema && { isKnown: true, schema };
}

/** Returns the schemas inside the wrappers of a schema: more than one only for a union. */
function formsOf(wrapped: Schema): z.core.$ZodTypes[] {
  const schema = wrapped as z.core.$ZodTypes;
  const {
    _zod: { def },
  } = schema;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return formsOf(def.innerType);
    case 'pipe':
      return [...formsOf(def.in), ...formsOf(def.out)];
    case 'union':
      return def.options.flatMap(formsOf);
    default:
      return [schema];
  }
}

type RawIssue = z.core.$ZodRawIssue;

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

/**
 * Returns the message for an issue that the schema has no message for. It depends on the schema
 * only, never on the value.
 */
function messageFor(issue: RawIssue): string {
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
      return 'Is not accepted here.';
  }
}

function measure(origin: unknown, limit: number | bigint, how: string): string {
  if (origin === 'string') return `be ${how} ${limit} characters long`;
  if (origin === 'array' || origin === 'set') return `have ${how} ${limit} entries`;
  return `be ${how} ${limit}`;
}

/** A member name in a record has faults like a text. */
function nameFault(issues: readonly { readonly message: string }[]): string {
  return ['A member name is not accepted.', ...issues.map(({ message }) => message)].join(' ');
}

/**
 * Parses with a schema. Throws the fault `validation_failed` (422). Use it for values from a
 * caller.
 */
export function parseRequest<T>(schema: z.ZodType<T>, value: unknown): T {
  const checked = checkAgainst(schema, value);
  if (checked.isValid) return checked.data;
  throw InvalidRequest.validationFailed(checked.faults);
}

/** Applies the zod schema of a controller's parameter. A parameter without one passes unchanged. */
@Injectable()
export class SchemaPipe implements PipeTransform {
  transform(value: unknown, { schema, type }: ArgumentMetadata): unknown {
    if (schema === undefined) return value;
    if (!(schema instanceof z.ZodType)) {
      throw new InvariantViolation(
        'foreign_schema',
        `the schema of a ${type} parameter is not zod's`,
      );
    }
    return parseRequest(schema, value);
  }
}
