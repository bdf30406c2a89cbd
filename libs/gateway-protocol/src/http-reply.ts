// The common parts of the gateway's replies: a status, a body, and one family of structured errors
// from every endpoint (protocol §3.2, §5).
import type { WireFields } from './wire-fields.js';
import { sentenceText } from './wire-text.js';

/** A reply of any gateway endpoint. */
export interface HttpReply {
  readonly httpStatus: number;
  readonly body: string;
}

/** Returns `error_number` if it is a number of up to five digits. */
export function errorNumberOf(fields: WireFields): string | undefined {
  const errorNumber = fields.get('error_number');
  return errorNumber !== undefined && /^\d{1,5}$/.test(errorNumber) ? errorNumber : undefined;
}

/** Returns a message field in a form that is safe to store; empty when absent. */
export function messageOf(fields: WireFields, name: string): string {
  return sentenceText(fields.get(name) ?? '');
}
