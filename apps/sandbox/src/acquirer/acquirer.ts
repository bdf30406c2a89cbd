// The bank behind the gateway. Without a script it approves cards and leaves everything else to the
// payer; a script decides what it answers, and whether it settles the payment a while later by
// itself.

/** How long after the reply the acquirer reports a final code by itself. */
export interface Settlement {
  readonly orderStatus: number;
  readonly afterMs: number;
}

export interface AcquirerAnswer {
  readonly orderStatus: number;
  readonly settlement: Settlement | undefined;
}

export interface AcquirerScript {
  readonly match: {
    readonly reference?: string | undefined;
    readonly referencePrefix?: string | undefined;
    readonly mop?: string | undefined;
  };
  readonly answer: AcquirerAnswer;
  /** How many payments it still answers; undefined: all. */
  remaining: number | undefined;
}

/** What the acquirer sees of a payment. */
export interface AcquirerRequest {
  readonly reference: string | null;
  readonly mop: string | null;
  /** The whole number; it is looked at and forgotten. */
  readonly cardNumber: string | undefined;
}

const pending: AcquirerAnswer = { orderStatus: 0, settlement: undefined };
const approved: AcquirerAnswer = { orderStatus: 1, settlement: undefined };
const declined: AcquirerAnswer = { orderStatus: 2, settlement: undefined };

export class Acquirer {
  #scripts: AcquirerScript[] = [];

  add(script: AcquirerScript): void {
    this.#scripts.push(script);
  }

  all(): readonly AcquirerScript[] {
    return this.#scripts;
  }

  clear(): void {
    this.#scripts = [];
  }

  /** The first script that fits answers and is used up by one; else the built-in rules do. */
  answer(request: AcquirerRequest): AcquirerAnswer {
    const script = this.#scripts.find((candidate) => fits(candidate.match, request));
    if (!script) return builtInAnswer(request);
    if (script.remaining !== undefined) {
      script.remaining -= 1;
      if (script.remaining <= 0) this.#scripts = this.#scripts.filter((other) => other !== script);
    }
    return script.answer;
  }
}

function fits(match: AcquirerScript['match'], { reference, mop }: AcquirerRequest): boolean {
  if (match.reference !== undefined && match.reference !== reference) return false;
  if (match.mop !== undefined && match.mop !== mop) return false;
  return match.referencePrefix === undefined || (reference ?? '').startsWith(match.referencePrefix);
}

function builtInAnswer({ mop, cardNumber }: AcquirerRequest): AcquirerAnswer {
  if ((mop !== 'CC' && mop !== 'DC') || cardNumber === undefined) return pending;
  return cardNumber.endsWith('0002') ? declined : approved;
}

/** The human text that goes with an acquirer's code. */
export function acquirerResponse(orderStatus: number): string {
  return responses[orderStatus] ?? 'Payment is pending';
}

const responses: Readonly<Record<number, string>> = {
  1: 'Payment successful',
  2: 'Payment declined by the bank',
  3: 'Payment refunded',
  5: 'Chargeback received from the bank',
  7: 'Payment reversed',
  8: 'Refund requested',
  9: 'Test Transaction, no money was moved',
  10: 'Payment blocked',
  11: 'Predispute received from the bank',
  22: 'Payment expired',
  23: 'Payment cancelled by the payer',
  24: 'Payment failed at the bank',
  25: '3DS test card approved',
  26: '3DS test card declined',
  27: 'Test Transaction, waiting for 3DS authentication',
  28: 'Payment blocked',
};
