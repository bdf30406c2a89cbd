// The fence: what makes a request that moves money leave at most once, the same for a payment and a
// refund. One conditional statement opens the attempt and erases the stored card; the process that
// wins it, and no other, may send, once, and only within the send window that opened before the
// statement. A process that was held up in between reads its fence again first. What only this
// process knows, a fence or a reply, it stores until Postgres has it.
import type { Payment } from '@quittance/payments';
import { crashPoint, crashPointAfterThisTurn, type Logger } from '@quittance/platform';
import type { Exchange } from '@quittance/gateway';
import { setTimeout as pause } from 'node:timers/promises';
import { isRefusedStatement } from '@quittance/persistence';

// Before the fence and after it, as types. A request is built from an `UnsentPayment` only; taking
// the fence turns that into a `FencedPayment`, in the commit that erases the stored card. There is no
// way back: sending again takes an explicit card. test/tools/type-rules.int-spec.ts shows that it
// does not compile otherwise.

/** A payment that has not been sent, with its sealed card; null for a method that takes none. */
export interface UnsentPayment {
  readonly payment: Payment;
  readonly sealedCard: string | null;
}

/** A payment that this process alone may send, once. Its card is erased. */
export interface FencedPayment {
  readonly payment: Payment;
  readonly sealedCard?: never;
}

/** The record in which a fence is taken, by a change that carries an id of its own. */
interface FenceStore<Change> {
  record(change: Change): Promise<boolean>;
  isFenceTaken(change: Change): Promise<boolean>;
}

/**
 * Writes `change`, which opens an attempt. Resolves with true when this call has taken the fence,
 * and with false when another one was faster. Throws when Postgres refuses the statement or stays
 * unavailable: the fence may have been taken all the same.
 */
export async function takeFence<Change>(
  log: Logger,
  fences: FenceStore<Change>,
  change: Change,
): Promise<boolean> {
  let mayHaveCommitted = false;
  return retryUntilStored(log, 'a fence', async () => {
    try {
      // Written again rather than only looked for: the lost statement may still be on its way to
      // the row, and then one of the two fails.
      if (await fences.record(change)) return true;
      return mayHaveCommitted && (await fences.isFenceTaken(change));
    } catch (error) {
      mayHaveCommitted = true;
      throw error;
    }
  });
}

/**
 * The fence as Postgres has it. While the status is `submitting`, it belongs to the process that
 * wrote this attempt.
 */
interface Fence {
  readonly status: string;
  readonly attempt: number;
}

/**
 * Sends unless the fence has been lost. Only a process that was suspended can lose it unnoticed.
 * `fenced` is the row that this process wrote; `reread` reads the row again. Resolves with
 * `notSent` and `fence_lost` or `fence_unreadable` when nothing was sent for that reason, else with
 * the result of `send`. `send` must ask `window.mayStart` in the turn that writes the first byte.
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

/**
 * Not being able to read the fence is a reason too: nothing has left yet, so that a later try costs
 * nothing.
 */
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
 * Longest time from the fence to the first byte, for every gateway: opening a connection may take
 * most of it.
 */
const OPEN_FOR_MS = 5_000;
/**
 * Within this time after the fence no other process can have taken the payment over. Later, the
 * fence is read again.
 */
const FRESH_FOR_MS = 250;

/**
 * The monotonic clock cannot be set back, but on Linux it stands still while the machine is
 * suspended; the wall clock does not. Whichever says that more time has passed is right enough:
 * being too careful costs another try.
 */
const CLOCKS = [() => performance.now(), () => Date.now()];

export class SendWindow {
  readonly #openedAt: readonly number[];
  readonly #openForMs: number;

  /**
   * Opens now, to be called before the fence is taken. `subject` is what will be sent, `timeoutMs`
   * the time within which the reply is due.
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

  /**
   * Whether the first byte may still leave. To be asked in the very turn of the event loop that
   * writes it.
   */
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
 * As long as Postgres may take to restart or fail over. After that the sweeper's inquiry finds out
 * again.
 */
const TRY_FOR_MS = 120_000;
const PAUSE_MS = 500;

/**
 * Runs `store`, which stores `what`, until it succeeds, is refused by Postgres itself, or Postgres
 * has been away for two minutes.
 */
export async function retryUntilStored<T>(
  log: Logger,
  what: 'a fence' | 'a reply',
  store: () => Promise<T>,
): Promise<T> {
  const endsAt = performance.now() + TRY_FOR_MS;
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
