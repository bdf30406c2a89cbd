// The words that both halves of the fuzz share: their options, their checks and their figures.
import type { ProcessWatch } from './oracles/processes.js';
import type { Answered } from './oracles/rows.js';
import type { Secrets } from './oracles/secrets.js';
import type { FuzzStack } from './stack/stack.js';

/** An invariant; it held if it has no problems. */
export type Check = { readonly name: string; readonly problems: readonly string[] };
/** Cells of a table by the names of their rows. */
export type Figures = Readonly<Record<string, string | number>>;
/** The result of one half. */
export type Part = { readonly checks: readonly Check[]; readonly figures: Figures };

export interface PartOptions extends FuzzStack {
  readonly processes: Pick<ProcessWatch, 'memory'>;
  readonly secrets: Secrets;
  readonly answered: Answered;
  readonly seed: number;
  /** Stands in the references of the run. */
  readonly run: string;
  /** Payments for each code of the gateway at each terminal. */
  readonly perKind: number;
  /** The number of inputs to send. */
  readonly count: number;
  /** One input to send alone. */
  readonly path: string | undefined;
  readonly say: (detail: string) => void;
}
