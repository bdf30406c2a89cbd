// How long the fence is good for. Between the statement that takes it and the first byte a process can be stopped for any
// time (SIGSTOP, a frozen machine, a long pause); meanwhile others sweep the payment, or the refund, and a person may decide about it.
// Counted from before the statement was sent: an instant taken after it could be that of waking up.
import { crashPoint, crashPointAfterThisTurn } from '@quittance/platform';

/** Longest time from the fence to the first byte, for every gateway: opening a connection may take most of it. */
const OPEN_FOR_MS = 5_000;
/** So soon after its fence nobody can have taken over what it sends; later Postgres is asked once more. */
const FRESH_FOR_MS = 250;

/**
 * The monotonic clock cannot be set back, but on Linux it stands still while the machine is suspended; the wall clock does
 * not. Whichever says that more time has passed is right enough: being too careful costs another try.
 */
const CLOCKS = [() => performance.now(), () => Date.now()];

export class SendWindow {
  readonly #openedAt: readonly number[];
  readonly #openForMs: number;

  /**
   * Opens now, to be called before the fence is taken. `subject` is what will be sent, `timeoutMs` the time within which the reply
   * is due.
   */
  constructor(
    private readonly subject: 'payment' | 'refund',
    timeoutMs: number,
    private readonly clocks: readonly (() => number)[] = CLOCKS,
  ) {
    this.#openedAt = clocks.map((now) => now());
    this.#openForMs = Math.min(OPEN_FOR_MS, timeoutMs);
  }

  /** Whether the fence is so recent that reading it again could tell nothing new. */
  isFresh(): boolean {
    return this.#elapsedMs() < FRESH_FOR_MS;
  }

  /** Whether the first byte may still leave. To be asked in the very turn of the event loop that writes it. */
  readonly mayStart = (): boolean => {
    const isRefund = this.subject === 'refund';
    crashPoint(isRefund ? 'refund-submission.before-last-check' : 'submission.before-last-check');
    if (this.#elapsedMs() >= this.#openForMs) return false;
    crashPoint(isRefund ? 'refund-submission.before-first-byte' : 'submission.before-first-byte');
    crashPointAfterThisTurn(
      isRefund ? 'refund-submission.after-last-byte' : 'submission.after-last-byte',
    );
    return true;
  };

  #elapsedMs(): number {
    return Math.max(...this.clocks.map((now, at) => now() - (this.#openedAt[at] ?? 0)));
  }
}
