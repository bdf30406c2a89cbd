// The replies of the create call that are no payment, in the gateway's shapes (protocol §3.2,
// §3.3). Where the gateway has no shape for what we have to say, the nearest one is used
// (docs/switching.md lists them).
import type { FaultEntry } from '@quittance/platform';
import type { FastifyReply } from 'fastify';

/** A reply in the gateway's form. */
export interface GatewayReply {
  readonly httpStatus: number;
  /** JSON text: in one shape the id is a number of 18 digits, more than JavaScript can hold. */
  readonly body: string;
  readonly retryAfterSeconds?: number;
}

/** Ends a request with a reply in the gateway's form. Nothing was stored. */
export class GatewayRefusal extends Error {
  override readonly name = 'GatewayRefusal';

  constructor(readonly reply: GatewayReply) {
    super(`refused with HTTP ${reply.httpStatus}`);
  }
}

export function json(httpStatus: number, body: object): GatewayReply {
  return { httpStatus, body: JSON.stringify(body) };
}

/** Structured errors always have HTTP status 400, number 500 included (protocol §3.2). */
export function structuredError(number: string, message: string, more: object = {}): GatewayReply {
  return json(400, { error_number: number, error_message: message, status: 'Error', ...more });
}

export const TERMINAL_NOT_FOUND = json(404, { error: 'Terminal not found' });
/** Also the gateway's reply when `public_key` is absent (protocol §3.3). */
export const PUBLIC_KEY_MISSING = json(400, { error: 'Invalid connector_id format' });
export const AMOUNT_MISSING = structuredError('1111', 'bill_amt is missing');
export const AMOUNT_NOT_POSITIVE = structuredError('1112', 'bill_amt must be greater than zero');
export const CARD_INVALID = structuredError(
  '1113',
  'The card number you entered is not valid. Please check the number on the front of your card and try again, or use another card.',
);
export const ENCRYPTED_ONLY = structuredError(
  '400',
  'This terminal accepts encrypted requests only; send encrypted_data.',
);
export const TRANSACTION_NOT_FOUND = json(404, { error: 'Transaction not found' });
/** The gateway's reply at `authurl` when the payer has nothing to do (protocol §4.2). */
export const NOTHING_TO_AUTHENTICATE = json(400, {
  error: 'authstatus is missing or invalid',
});
/** The gateway's reply to a look-up of no number (protocol §5.1). */
export const NOT_A_TRANS_ID: GatewayReply = {
  ...structuredError('400', 'Invalid transID format. It must be a number.'),
  httpStatus: 404,
};

/** `reason` is ours and contains nothing of the request. */
export function decryptionFailed(reason: string): GatewayReply {
  return structuredError('5001', `Error decrypting payload: ${reason}`);
}

/** `reason` is ours and contains nothing of the request. */
export function unreadableBody(reason: string): GatewayReply {
  return structuredError('500', `Internal Server Error: ${reason}`);
}

/** `differing` are the gateway's names of the fields that differ from the first request. */
export function referenceExists(reference: string, differing: readonly string[]): GatewayReply {
  const message = `${reference} - Unique reference already exists`;
  return structuredError('5012', message, { differing_fields: differing });
}

/** Lists every fault by the gateway's name of its field, without values. */
export function faultyFields(faults: readonly FaultEntry[]): GatewayReply {
  if (faults.every(isInvalidNumber)) return CARD_INVALID;
  const message = faults.map((fault) => `${fault.path}: ${fault.message}`).join(' ');
  return structuredError('400', message, {
    faults: faults.map(({ path, code }) => ({ field: path, code })),
  });
}

const UNKNOWN_RETRY_AFTER_SECONDS = 5;

function isInvalidNumber({ path, code }: FaultEntry): boolean {
  return path === 'ccno' && (code === 'invalid_card_number' || code === 'invalid_format');
}

/** The outcome is unknown. Like the gateway's own 500 it names no transaction. */
export const OUTCOME_UNKNOWN: GatewayReply = {
  ...json(504, {
    status: 'error',
    message:
      'The outcome is not known yet. Send the same request again: it is never charged twice, and the reply is its result.',
    error: 'outcome_unknown',
  }),
  retryAfterSeconds: UNKNOWN_RETRY_AFTER_SECONDS,
};

/** Sends a reply in the gateway's form. */
export function sendReply(reply: FastifyReply, sent: GatewayReply): void {
  const { httpStatus, body, retryAfterSeconds } = sent;
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
  reply.code(httpStatus).header('content-type', 'application/json').send(body);
}
