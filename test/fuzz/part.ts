// The words that both halves of the fuzz share: their options, their checks and their figures.
import type { ChaosStack } from '../chaos/stack/chaos-stack.js';
import type { Say } from './inputs.js';
import type { Memory, ProcessWatch } from './oracles/processes.js';
import type { Secrets } from './oracles/secrets.js';
import type { Recorder } from './stack/stack.js';

/** An invariant; it held if it has no problems. */
export type Check = { readonly name: string; readonly problems: readonly string[] };
/**
 * By operation: how often it was asked with its own method and path, and how often accepted (2xx).
 */
export type Asked = Record<string, { asked: number; accepted: number }>;
type Counts = Readonly<Record<string, number>>;

export interface Figures {
  readonly sent: number;
  readonly perSecond: number;
  /** Inputs by kind of fault or mutation. */
  readonly kinds: Counts;
  readonly statuses: Counts;
  readonly slowestMs: number;
  /** After the warm-up and at the end. */
  readonly memory: readonly [readonly Memory[], readonly Memory[]];
  readonly stored: Counts;
  readonly operations?: Asked;
  readonly charged?: number;
  readonly withRightToken?: number;
}

/** The result of one half. */
export type Part = { readonly checks: readonly Check[]; readonly figures: Figures };

export interface PartOptions {
  readonly stack: ChaosStack;
  readonly recorder: Recorder;
  readonly processes: ProcessWatch;
  readonly secrets: Secrets;
  readonly seed: number;
  /** Stands in the references of the run. */
  readonly run: string;
  /** Payments for each code of the gateway at each terminal. */
  readonly perKind: number;
  /** The number of inputs to send. */
  readonly count: number;
  /** One input to send alone. */
  readonly path: string | undefined;
  readonly say: Say;
}
