// The fence ensures that a request that moves money leaves at most once, for payments and refunds
// alike. One conditional statement opens the attempt and erases the stored card. Only the process
// whose statement succeeds may send, once, and only within the send window that opened before the
// statement. A process that was suspended in between reads its fence again first. A fence or a
// reply that only this process knows is written until Postgres confirms it.
import type { Payment } from '@quittance/payments';
import { crashPoint, crashPointAfterThisTurn, type Logger } from '@quittance/platform';
import type { Exchange } from '@quittance/gateway';
import { setTimeout as pause } from 'node:timers/promises';
import { isRefusedStatement } from '@quittance/persistence';

// Before the fence and after it, as types. A request is built from an `UnsentPayment` only; taking
// the fence turns that into a `FencedPayment`, in the commit that erases the stored card. There is
// no way back: sending again takes an explicit card. test/tools/type-rules.int-spec.ts shows that
// it does not compile otherwise.

/** A payment that has not been sent, with its encrypted card; null for a method without a card. */
export interface UnsentPayment {
  readonly payment: Payment;
  readonly sealedCard: string | null;
}

/** A payment that only this process may send, once. Its stored card is erased. */
export interface FencedPayment {
  readonly payment: Payment;
  readonly sealedCard?: never;
}

/** The store in which a fence is taken, by a change with an id of its own. */
interface FenceStore<Change> {
  record(change: Change): Promise<boolean>;
  isFenceTaken(change: Change): Promise<boolean>;
}

/**
 * Writes `change`, which opens an attempt. Resolves with true when this call has taken the fence,
 * and with false when another one was faster. Rejects when Postgres rejects the statement or stays
 * unavailable; the fence may have been taken all the same.
 */
export async function takeFence<Change>(
  log: Logger,
  fences: FenceStore<Change>,
  change: Change,
): Promise<boolean> {
  let mayHaveCommitted = false;
  return retryUntilStored(log, 'a fence', async () => {
    try {
      // Writes again instead of only reading: the lost statement may still be about to execute, and
      // then one of the two fails.
      if (await fences.record(change)) return true;
      return mayHaveCommitted && (await fences.isFenceTaken(change));
    } catch (error) {
      mayHaveCommitted = true;
      throw error;
    }
  });
}

/**
 * The fence as Postgres stores it. While the status is `submitting`, it belongs to the process that
 * wrote this attempt number.
 */
interface Fence {
  readonly status: string;
  readonly attempt: number;
}

/**
 * Sends unless the fence has been lost. Only a process that was suspended can lose it unnoticed.
 * `fenced` is the row that this process wrote; `reread` reads the row again. Resolves with
 * `notSent` and `fence_lost` or `fence_unreadable` when nothing was sent for that reason, else with
 * the result of `send`. `send` must call `window.mayStart` in the event-loop turn that writes the
 * first byte.
 */
export async function sendFenced(
  fenced: { readonly attempt: number },
  window: SendWindow,
  reread: () => Promise<Fence | undefined>,
  send: () => Promise<Exchange>,
): Promise<Exchange> {
  if (!window.isFresh()) {
    const reason = await reasonNotToSend(fenced.attempt, reread);
    if (reason !== undefined) return { kind: 'notSent', reason };
  }
  return send();
}

/** An unreadable fence is a reason too: nothing has left yet, so a later attempt is safe. */
async function reasonNotToSend(
  attempt: number,
  reread: () => Promise<Fence | undefined>,
): Promise<'fence_lost' | 'fence_unreadable' | undefined> {
  try {
    const now = await reread();
    return now?.status === 'submitting' && now.attempt === attempt ? undefined : 'fence_lost';
  } catch {
    return 'fence_unreadable';
  }
}

/**
 * The longest time from the fence to the first byte, for every gateway. Opening a connection may
 * take most of it.
 */
const OPEN_FOR_MS = 5_000;
/**
 * The time after the fence within which no other process can have taken over the payment. After it
 * the fence is read again.
 */
const FRESH_FOR_MS = 250;

/**
 * The monotonic clock cannot be set back, but on Linux it stops while the machine is suspended; the
 * wall clock does not. The larger of the two durations is used, because an overestimate costs only
 * another attempt.
 */
const CLOCKS = [() => performance.now(), () => Date.now()];

/** The time within which a request may start to leave after its fence. */
export class SendWindow {
  readonly #openedAt: readonly number[];
  readonly #openForMs: number;

  /**
   * Opens the window; call it before taking the fence. `subject` is the kind of request,
   * `timeoutMs` the time within which the reply is due.
   */
  constructor(
    private readonly subject: 'payment' | 'refund',
    timeoutMs: number,
    private readonly clocks: readonly (() => number)[] = CLOCKS,
  ) {
    this.#openedAt = clocks.map((now) => now());
    this.#openForMs = Math.min(OPEN_FOR_MS, timeoutMs);
  }

  /** True while the fence is so recent that reading it again could show no change. */
  isFresh(): boolean {
    return this.#elapsedMs() < FRESH_FOR_MS;
  }

  /** True while the first byte may leave. Call it in the event-loop turn that writes that byte. */
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

/**
 * The time that Postgres may take to restart or fail over. After it the sweeper's inquiry finds the
 * outcome.
 */
const RETRY_FOR_MS = 120_000;
const PAUSE_MS = 500;

/**
 * Runs `store`, which stores `what`, until it succeeds, Postgres rejects the statement, or Postgres
 * has been unavailable for two minutes.
 */
export async function retryUntilStored<T>(
  log: Logger,
  what: 'a fence' | 'a reply',
  store: () => Promise<T>,
): Promise<T> {
  const endsAt = performance.now() + RETRY_FOR_MS;
  for (;;) {
    try {
      return await store();
    } catch (error) {
      if (isRefusedStatement(error) || performance.now() > endsAt) throw error;
      log.warn({ err: error }, `${what} could not be stored yet`);
      await pause(PAUSE_MS);
    }
  }
}
