// All figures of one run as one object: what `--json` prints, and what the table is made from.
import type { Contestant, MeasuredProcess } from '../contestants/contestant.js';
import type { PromiseCounts } from '../contestants/guarded-promises.js';
import type { Machine } from '../machine/machine.js';
import { memoryMb, type Memory } from '../machine/process-figures.js';
import type { BenchOptions } from '../options.js';
import {
  allRatios,
  contestantFigures,
  overheadFigures,
  type ContestantFigures,
  type Overhead,
  type Ratios,
  type Rounds,
  type SingleCalls,
} from './summary.js';

/** A contestant's figures, with the memory of its processes when the run ends. */
export interface FiguresWithMemory extends ContestantFigures {
  readonly memory_mb: Readonly<Record<string, Memory>>;
}

/** What `--json` prints. */
export interface Figures extends Ratios {
  readonly payments: number;
  readonly connections: number;
  readonly rounds: number;
  readonly machine: Machine;
  /**
   * `finished_by_callback` is the share of payments that a callback has finished, 1 unless
   * something is wrong.
   */
  readonly quittance: FiguresWithMemory & { readonly finished_by_callback: number };
  readonly bare: FiguresWithMemory;
  /** `kept` is what its database holds, see contestants/guarded-promises.ts. */
  readonly guarded?: FiguresWithMemory & { readonly kept: PromiseCounts | undefined };
  readonly overhead: Overhead;
}

/**
 * What the figures are made from; `machine` as it was before the run, `shared` the processes that
 * all contestants work with.
 */
export interface Run {
  readonly options: BenchOptions;
  readonly rounds: Rounds;
  readonly calls: SingleCalls;
  readonly contestants: {
    readonly quittance: Contestant;
    readonly bare: Contestant;
    readonly guarded?: Contestant | undefined;
  };
  readonly shared: readonly MeasuredProcess[];
  readonly machine: Machine;
  readonly finishedByCallback: number;
  readonly kept?: PromiseCounts | undefined;
}

function memoryOf(processes: readonly MeasuredProcess[]): Record<string, Memory> {
  return Object.fromEntries(
    processes.map(({ name, pid, family }) => [name, memoryMb(pid, { family: family === true })]),
  );
}

/** The figures of a run. */
export function allFigures(run: Run): Figures {
  const { options, rounds, shared } = run;
  const { quittance, bare, guarded } = run.contestants;
  const of = ({ name, processes }: Contestant, others: readonly MeasuredProcess[] = []) => ({
    ...contestantFigures(rounds.get(name) ?? []),
    memory_mb: memoryOf([...processes, ...others]),
  });
  return {
    payments: options.payments,
    connections: options.connections,
    rounds: options.rounds,
    machine: run.machine,
    quittance: { ...of(quittance, shared), finished_by_callback: run.finishedByCallback },
    bare: of(bare),
    ...(guarded && { guarded: { ...of(guarded), kept: run.kept } }),
    overhead: overheadFigures(run.calls),
    ...allRatios(rounds),
  };
}
