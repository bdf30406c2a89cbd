// Holding an answer until a payment has got somewhere. An announcement over Redis wakes the wait; Postgres, looked at
// then and once a second anyway, says whether it is over. Many waits share one look (Payments.load batches).
import type { Payment } from '@quittance/payments';
import type { Payments } from '@quittance/persistence';
import type { ChangeSignal } from '@quittance/queues';

/** Worst delay when the announcement is lost: short for a person at a checkout, cheap for Postgres. */
const LOOK_EVERY_MS = 1_000;

/** What to wait for. */
export interface AwaitOptions {
  /** Whether the payment has got where the caller wants it. */
  readonly until: (payment: Payment) => boolean;
  readonly seconds: number;
  /** Resolves when nobody waits for the answer any more. */
  readonly hungUp: Promise<void>;
}

export class AwaitPayment {
  readonly #payments: Payments;
  readonly #changes: ChangeSignal;
  readonly #waits = new Set<AbortController>();

  constructor(payments: Payments, changes: ChangeSignal) {
    this.#payments = payments;
    this.#changes = changes;
  }

  /** How many answers are being held. */
  get held(): number {
    return this.#waits.size;
  }

  /** The payment as soon as `until` holds for it, or as it is when the time is up or the client is gone. */
  async awaitChange(payment: Payment, { until, seconds, hungUp }: AwaitOptions): Promise<Payment> {
    const wait = new AbortController();
    this.#waits.add(wait);
    const timer = setTimeout(() => wait.abort(), seconds * 1000);
    void hungUp.then(() => wait.abort());
    try {
      return await this.#look(payment, until, wait.signal);
    } finally {
      clearTimeout(timer);
      wait.abort();
      this.#waits.delete(wait);
    }
  }

  /** Ends every wait: the process is about to stop. */
  stop(): void {
    for (const wait of this.#waits) wait.abort();
  }

  async #look(
    payment: Payment,
    until: AwaitOptions['until'],
    signal: AbortSignal,
  ): Promise<Payment> {
    let current = payment;
    let change = this.#changes.waitFor(payment.id, LOOK_EVERY_MS, signal);
    while (!until(current) && !signal.aborted) {
      await change;
      // Listening again before looking: what happens during the look is heard.
      change = this.#changes.waitFor(payment.id, LOOK_EVERY_MS, signal);
      current = (await this.#payments.load(payment.id))?.payment ?? current;
    }
    return current;
  }
}
