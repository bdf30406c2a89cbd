// Reading the gateway's flat bodies as names and texts. Strings and numbers count alike, `null`,
// the text "null" and the empty text all mean "not given" (protocol §3.1). A nested value is no
// text, and it is given.
import { isExactJsonObject, parseExact, type ExactJson } from './exact-json.js';

/** The fields of one flat body that have a value, each as text. */
export type WireFields = ReadonlyMap<string, string>;

/** Why a body could not be understood. Never holds anything of the body. */
export type UnreadableReason =
  | 'notJson'
  | 'notAnObject'
  | 'tooLong'
  | 'noTransaction'
  | 'unexpectedHttpStatus'
  | 'unexpectedBody'
  | 'keysMissing'
  | 'undecryptable';

/** A body that was a JSON object. `isEmpty` tells `{}` from an object without usable fields. */
export interface WireObject {
  readonly kind: 'object';
  readonly fields: WireFields;
  readonly isEmpty: boolean;
}

/** A body that could not be understood. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly reason: UnreadableReason;
}

/** Shorthand for the tagged value. */
export function unreadable(reason: UnreadableReason): Unreadable {
  return { kind: 'unreadable', reason };
}

/**
 * Reads a body that should be one flat JSON object; blanks and byte order marks around it count for
 * nothing (RFC 8259 §8.1).
 */
export function readObject(body: string): WireObject | Unreadable {
  const value = parseExact(body.trim());
  if (value === undefined) return unreadable('notJson');
  if (!isExactJsonObject(value)) return unreadable('notAnObject');
  const members = Object.entries(value);
  return { kind: 'object', fields: givenFields(members), isEmpty: members.length === 0 };
}

/**
 * Stands for a nested value: a text that no field's reader accepts, and that cleaning makes empty.
 */
const NESTED = '\u0000';

/** Keeps the members that have a value. */
export function givenFields(members: Iterable<readonly [string, ExactJson]>): WireFields {
  const fields = new Map<string, string>();
  for (const [name, value] of members) {
    if (typeof value === 'string' && value !== '' && value !== 'null') fields.set(name, value);
    if (typeof value === 'boolean') fields.set(name, String(value));
    if (typeof value === 'object' && value !== null) fields.set(name, NESTED);
  }
  return fields;
}
