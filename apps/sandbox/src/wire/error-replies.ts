// Builds every refusal of the create call, in the gateway's three JSON families with their casings
// (protocol §3.2, §3.3).
import { jsonReply, writtenJsonReply, type GatewayReply } from './gateway-reply.js';

/** Structured errors always have HTTP status 400, number 500 included. */
function structuredError(errorNumber: string, message: string): GatewayReply {
  return jsonReply(400, { error_number: errorNumber, error_message: message, status: 'Error' });
}

export const amountMissing = (): GatewayReply => structuredError('1111', 'bill_amt is missing');
export const amountNotPositive = (): GatewayReply =>
  structuredError('1112', 'bill_amt must be greater than zero');
export const invalidCard = (): GatewayReply =>
  structuredError(
    '1113',
    'The card number you entered is not valid. Please check the number on the front of your card and try again, or use another card.',
  );
export const decryptionFailed = (reason: string): GatewayReply =>
  structuredError('5001', `Error decrypting payload: ${reason}`);
export const referenceExists = (reference: string): GatewayReply =>
  structuredError('5012', `${reference} - Unique reference already exists`);
export const acquirerMissing = (): GatewayReply =>
  structuredError('5015', 'No acquirer is mapped to this terminal');
export const catchAll = (reason: string): GatewayReply =>
  structuredError('500', `Internal Server Error: ${reason}`);

export const terminalNotFound = (): GatewayReply => jsonReply(404, { error: 'Terminal not found' });
export const invalidConnector = (): GatewayReply =>
  jsonReply(400, { error: 'Invalid connector_id format' });
/** The acquirer's adapter class is missing; the row is already saved. */
export const connectorClassMissing = (connector: number): GatewayReply =>
  jsonReply(404, {
    status: 'error',
    message: `Connector not found: ${connector}`,
    error: `java.lang.ClassNotFoundException: Connector${connector}`,
  });
/** Any exception in the terminal step, a failed duplicate look-up included (§11). */
export const terminalStepFailed = (reason: string): GatewayReply =>
  jsonReply(500, { status: 'error', message: 'Error Invalid public_key format', error: reason });
/**
 * The adapter threw: the row is saved, the acquirer's action is unknown, and the reply has no
 * transID.
 */
export const connectorFailed = (): GatewayReply =>
  jsonReply(500, {
    status: 'error',
    message: 'Error processing connector',
    error: 'java.lang.NullPointerException',
  });

/** Returns the 403 reply, whose transID is a bare number of 18 digits (§4.1). */
export function blocked(transId: string, message: string, blacklistMessage: string): GatewayReply {
  const texts = JSON.stringify({ message, blacklist_message: blacklistMessage }).slice(1);
  return writtenJsonReply(403, `{"status":"error","transID":${transId},${texts}`);
}

/**
 * Refusals that depend on a rule, a rate or an acquirer that the sandbox does not have; a script
 * names them.
 */
export const scriptedRefusals = {
  '5002': () => structuredError('5002', 'BIN lookup failed'),
  '5003': () => structuredError('5003', 'Currency conversion failed'),
  '5005': () => structuredError('5005', 'Currency conversion demanded by a rule failed'),
  '5007': () => structuredError('5007', 'Orchestration rule evaluation failed'),
  /**
   * For a payment that does not exist: this is how another merchant's row with the same reference
   * looks to us.
   */
  '5012': () => structuredError('5012', 'Unique reference already exists'),
  '5008': () => structuredError('5008', 'Volume rule evaluation failed'),
  '5015': acquirerMissing,
  connectorNotFound: () => jsonReply(404, { error: 'Connector not found' }),
  conversionError: () => jsonReply(400, { error: 'Error in conversion result: null' }),
  blacklistError: () => jsonReply(400, { error: 'Error parsing blacklist: Unexpected character' }),
} satisfies Record<string, () => GatewayReply>;
export type ScriptedRefusal = keyof typeof scriptedRefusals;

/** Scripted refusals that come after the row was saved. */
export const scriptedLateRefusals = ['connectorClassMissing', 'catchAll', 'ownReference'] as const;
export type ScriptedLateRefusal = (typeof scriptedLateRefusals)[number];
