// The outcome of one line of a batch: as a line of the response, and as it counts for the batch.
import { paymentIntentView } from '@quittance/payments';
import { outlineOf, problemOf } from '@quittance/server';
import type { Accepted } from '../intake/payment-intake.js';
import { translate } from '../requests/database-unavailable.filter.js';

/**
 * The way a line counts. `unsettled`: nothing was stored as far as is known, and the line has to be
 * sent again.
 */
export type Settlement = 'accepted' | 'replayed' | 'refused' | 'blank' | 'unsettled';

/** The outcome of a line. */
export interface LineOutcome {
  readonly line: number;
  readonly settlement: Settlement;
  /** A line of the response, with its end; empty for a blank line. */
  readonly text: string;
}

/** The outcome of a line with nothing in it, which gets no response. */
export function blankLine(line: number): LineOutcome {
  return { line, settlement: 'blank', text: '' };
}

/** The outcome of a line that has a payment now. */
export function acceptedLine(line: number, accepted: Accepted): LineOutcome {
  const { payment, terminalName, isReplayed } = accepted;
  const view = paymentIntentView(payment, terminalName);
  return isReplayed
    ? {
        line,
        settlement: 'replayed',
        text: lineOf({ line, status: 200, idempotent_replayed: true, payment_intent: view }),
      }
    : {
        line,
        settlement: 'accepted',
        text: lineOf({ line, status: 202, payment_intent: view }),
      };
}

/** The outcome of a line without a payment, from what was thrown. */
export function failedLine(line: number, thrown: unknown, requestId: string): LineOutcome {
  const outline = outlineOf(translate(thrown));
  const text = lineOf({ line, status: outline.status, problem: problemOf(outline, requestId) });
  return { line, settlement: outline.status === 503 ? 'unsettled' : 'refused', text };
}

/** Returns the last line of a response to a call that ended before its body did. */
export function endOfCall(thrown: unknown, requestId: string): string {
  const outline = outlineOf(translate(thrown));
  return lineOf({ status: outline.status, problem: problemOf(outline, requestId) });
}

/** True for a fault that the response only names, and that belongs in the log. */
export function isFaultOfOurs(thrown: unknown): boolean {
  return outlineOf(translate(thrown)).status === 500;
}

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
