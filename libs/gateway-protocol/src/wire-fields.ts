// Reads the gateway's flat bodies as names and texts. Strings and numbers are equivalent; `null`,
// the text "null" and the empty text all mean "absent" (protocol §3.1). A nested value is not a
// text, but it is present.
import { isExactJsonObject, parseExact, type ExactJson } from './exact-json.js';

/** The fields of one flat body that have a value, each as text. */
export type WireFields = ReadonlyMap<string, string>;

/** The reason why a body is unreadable. Never contains anything of the body. */
export type UnreadableReason =
  | 'notJson'
  | 'notAnObject'
  | 'tooLong'
  | 'noTransaction'
  | 'unexpectedHttpStatus'
  | 'unexpectedBody'
  | 'keysMissing'
  | 'undecryptable';

/**
 * A body that was a JSON object. `isEmpty` distinguishes `{}` from an object without usable fields.
 */
export interface WireObject {
  readonly kind: 'object';
  readonly fields: WireFields;
  readonly isEmpty: boolean;
}

/** An unreadable body. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly reason: UnreadableReason;
}

/** Builds the tagged value. */
export function unreadable(reason: UnreadableReason): Unreadable {
  return { kind: 'unreadable', reason };
}

/**
 * Reads a body that should be one flat JSON object. Ignores blanks and byte order marks around it
 * (RFC 8259 §8.1).
 */
export function readObject(body: string): WireObject | Unreadable {
  const value = parseExact(body.trim());
  if (value === undefined) return unreadable('notJson');
  if (!isExactJsonObject(value)) return unreadable('notAnObject');
  const members = Object.entries(value);
  return { kind: 'object', fields: givenFields(members), isEmpty: members.length === 0 };
}

/**
 * Stands for a nested value: a text that no field's parser accepts, and that cleaning makes empty.
 */
const NESTED = '\u0000';

/** Returns the members that have a value. */
export function givenFields(members: Iterable<readonly [string, ExactJson]>): WireFields {
  const fields = new Map<string, string>();
  for (const [name, value] of members) {
    if (typeof value === 'string' && value !== '' && value !== 'null') fields.set(name, value);
    if (typeof value === 'boolean') fields.set(name, String(value));
    if (typeof value === 'object' && value !== null) fields.set(name, NESTED);
  }
  return fields;
}
