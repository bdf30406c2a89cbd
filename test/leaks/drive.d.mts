import type { Place } from './search.mjs';

export interface CanaryCard {
  readonly name: string;
  readonly number: string;
  readonly cvv: string;
}

/** A running stack, as far as the scan for leaks looks at it. */
export interface TalkativeStack {
  readonly apiKey: string;
  readonly opsKey: string;
  readonly urls: Readonly<Record<string, string>>;
  readonly terminals: readonly { readonly name: string; readonly privateKey: string }[];
  readonly setup: { readonly keyFolder: string };
  process(name: string): { readonly pid: number };
  query<T>(sql: string, values?: readonly unknown[]): Promise<readonly T[]>;
}

/** A job in the failed set, as the queue board shows it. */
export interface DeadJob {
  readonly id: string;
  readonly attempts: number;
  readonly failedReason: string;
  readonly stacktrace: readonly string[];
  readonly data: { readonly paymentId: string };
}

/** What the paths led to. */
export interface Walked {
  /** Every answer and every word of the CLI. */
  readonly answers: readonly Place[];
  /** Why the jobs in which a card was published were refused. */
  readonly strange: readonly string[];
  /** Where payments ended up by the gateway's words and faults. */
  readonly statuses: readonly string[];
  /** Of payments with cards that the caller sealed, and of their refunds. */
  readonly refunds: readonly string[];
  /** Of payments whose seal held no card. */
  readonly rubbish: readonly string[];
  readonly dead: readonly DeadJob[];
  /** HTTP statuses of callbacks that hold card numbers and keys. */
  readonly called: readonly number[];
  /** HTTP statuses of callers' mistakes. */
  readonly refusals: {
    readonly payments: readonly number[];
    readonly sealed: readonly number[];
    readonly refunds: readonly number[];
  };
  /** Exit codes of what was asked of the operator's CLI wrongly. */
  readonly operator: readonly number[];
}

/** Sends the cards down every path there is. */
export declare function drive(
  stack: TalkativeStack,
  cards: {
    readonly taken: CanaryCard;
    readonly refused: CanaryCard;
    /** Sealed by its caller. */
    readonly sealed: CanaryCard;
    /** In jobs. */
    readonly published: CanaryCard;
  },
): Promise<Walked>;
