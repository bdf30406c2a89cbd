// Simulates the bank behind the gateway. Without a script it approves cards and leaves other
// methods to the payer. A script sets its answer, and can settle the payment automatically after a
// delay.

/** A final code that the acquirer reports by itself, some time after the reply. */
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
  /** The number of payments that the script still answers; undefined means all. */
  remaining: number | undefined;
}

/** The acquirer's view of a payment. */
export interface AcquirerRequest {
  readonly reference: string | null;
  readonly mop: string | null;
  /** The full card number. The acquirer does not store it. */
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

  /**
   * Returns the answer of the first matching script and uses up one of its payments; without a
   * match, the built-in rules answer.
   */
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

/** The masked card of the reference page's reply, whose payment waits for the payer at the bank. */
const PUBLISHED_PENDING_CARD = /^543889\d{6}0229$/;

function builtInAnswer({ mop, cardNumber }: AcquirerRequest): AcquirerAnswer {
  if ((mop !== 'CC' && mop !== 'DC') || cardNumber === undefined) return pending;
  if (PUBLISHED_PENDING_CARD.test(cardNumber)) return pending;
  return cardNumber.endsWith('0002') ? declined : approved;
}

/** Returns the text that accompanies an acquirer's code. */
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
