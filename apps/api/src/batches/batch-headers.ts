// Reads the headers that name a batch and its first line.
import { looksLikeCard } from '@quittance/cards';
import { type FaultEntry, InvalidRequest, newId } from '@quittance/platform';
import type { IncomingHttpHeaders } from 'node:http';

/** The batch that a call begins or continues, and the number of the call's first line. */
export interface BatchHeaders {
  readonly batchId: string;
  readonly firstLine: number;
}

const BATCH_ID = /^[A-Za-z0-9._-]{1,64}$/;
/** Nine digits: every count of lines then fits an integer of Postgres. */
const FIRST_LINE = /^[1-9]\d{0,8}$/;

/**
 * Returns the batch that a call names, or a new one. Throws `validation_failed` with every fault. A
 * card number is never a name, because names are stored.
 */
export function batchHeaders(headers: IncomingHttpHeaders): BatchHeaders {
  const { 'batch-id': batchId, 'first-line': firstLine = '1' } = headers;
  const faults = [faultOfId(batchId), faultOfLine(batchId, firstLine)].filter(
    (fault) => fault !== undefined,
  );
  if (faults.length > 0) throw InvalidRequest.validationFailed(faults);
  return { batchId: String(batchId ?? newId('bat')), firstLine: Number(firstLine) };
}

/** True for the name of a batch, whether there is one or not. */
export function isBatchId(text: string): boolean {
  return BATCH_ID.test(text) && !looksLikeCard(text);
}

function faultOfId(batchId: string | string[] | undefined): FaultEntry | undefined {
  if (batchId === undefined) return undefined;
  if (typeof batchId !== 'string' || !BATCH_ID.test(batchId)) return BAD_ID;
  return isBatchId(batchId) ? undefined : CARD_NUMBER;
}

function faultOfLine(batchId: unknown, firstLine: string | string[]): FaultEntry | undefined {
  if (typeof firstLine !== 'string' || !FIRST_LINE.test(firstLine)) return BAD_LINE;
  return batchId === undefined && firstLine !== '1' ? NO_BATCH : undefined;
}

const BAD_ID: FaultEntry = {
  path: 'Batch-Id',
  code: 'invalid_format',
  message: 'Must be 1 to 64 of A-Z a-z 0-9 . _ -.',
};
const CARD_NUMBER: FaultEntry = {
  path: 'Batch-Id',
  code: 'card_number',
  message: 'Looks like a card number, which no name may hold.',
};
const BAD_LINE: FaultEntry = {
  path: 'First-Line',
  code: 'invalid_format',
  message: 'Must be a whole number from 1 to 999999999.',
};
const NO_BATCH: FaultEntry = {
  path: 'Batch-Id',
  code: 'required',
  message: 'First-Line needs the Batch-Id of the call that it continues.',
};
