// The parts of a chaos run: the arguments and the result of each, and the stacks they run on.
import type { Session } from '../../tools/processes/session.js';
import type { step } from '../../tools/terminal/progress.mjs';
import type { KillCase } from './kill-matrix/cases.js';
import type { Random } from './random.js';
import { ChaosStack, type Environment } from './stack/chaos-stack.js';
import { ChaosRedis, type ChaosPostgres } from './stack/servers.js';
import { markdownTable } from './table.js';

/** The size of a run. */
export interface Scale {
  /** `npm test`: fewer faults and fewer payments in each part. */
  readonly isShort: boolean;
  /** Stacks side by side in the part "kill". */
  readonly stacks: number;
  readonly cases: readonly KillCase[];
  /** Payments of the part "lies". */
  readonly payments: number;
  /** Open payments whose jobs are lost in the part "rebuild". */
  readonly open: number;
  /** Payments that have ended and are due for an inquiry, in the part "watch". */
  readonly watched: number;
}

/** The arguments of a part. */
export interface Context {
  readonly session: Session;
  readonly postgres: ChaosPostgres;
  readonly random: Random;
  /** Makes the references of a run unique. */
  readonly run: string;
  /** Shows a step of the part, with its time. */
  readonly step: typeof step;
  readonly scale: Scale;
  /** Parts with the same object run on one stack, one after another. */
  readonly shared?: { stack?: ChaosStack };
}

/** A fact that must hold; it did if there are no problems. */
export interface Check {
  readonly name: string;
  readonly problems: readonly string[];
}

/** The table is for people. */
export interface PartResult {
  readonly table: string;
  readonly checks: readonly Check[];
}

/** One kind of fault. */
export type Part = (context: Context) => Promise<PartResult>;

/** A row of a part's table; `cells` are those between the name and the result. */
export interface Row extends Check {
  readonly cells: readonly (string | number | undefined)[];
}

/** A table with a row and a check for each fault. The last column says `ok`, or what is wrong. */
export function resultOf(head: readonly string[], rows: readonly Row[]): PartResult {
  const cellsOf = ({ name, cells, problems }: Row) => [name, ...cells, problems.join('; ') || 'ok'];
  return { table: markdownTable([...head, 'result'], rows.map(cellsOf)), checks: rows };
}

/** `1.5 s`. */
export const inSeconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

interface StackOptions {
  readonly prefix: string;
  /** Settings of every process; such a stack is not shared. */
  readonly extra?: Environment;
}

/** Starts stacks on one Postgres, each with a Redis of its own. */
export function startStacks(
  { session, postgres, step }: Context,
  { prefix, extra, count }: StackOptions & { readonly count: number },
): Promise<ChaosStack[]> {
  return step('processes', async (say) => {
    const stacks: ChaosStack[] = [];
    for (let number = 1; number <= count; number += 1) {
      say(`stack ${number} of ${count}`);
      const redis = await ChaosRedis.start(session);
      const options = { name: `${prefix}${number}`, postgres, redis, extra };
      stacks.push(await ChaosStack.start(session, options));
    }
    say(`${count === 1 ? 'a stack' : `${count} stacks`} of five processes`);
    return stacks;
  });
}

/** The stack of a part: the shared one where there is one. End its use with {@link stopStack}. */
export async function startStack(context: Context, options: StackOptions): Promise<ChaosStack> {
  const { shared } = context;
  const isUsual = options.extra === undefined;
  if (isUsual && shared?.stack) return shared.stack;
  const [stack] = await startStacks(context, { ...options, count: 1 });
  if (stack === undefined) throw new Error('no stack was started');
  if (isUsual && shared) shared.stack = stack;
  return stack;
}

/** Stops the stack of a part. The end of the session stops a shared one. */
export async function stopStack({ shared }: Context, stack: ChaosStack): Promise<void> {
  if (stack !== shared?.stack) await stack.stop();
}

/**
 * As {@link stopStack}, for a part that leaves the processes unusable: the next one starts others.
 */
export async function discardStack({ shared }: Context, stack: ChaosStack): Promise<void> {
  if (stack === shared?.stack) delete shared.stack;
  await stack.stop();
}
