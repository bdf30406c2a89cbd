// All figures of one run as one object: what `--json` prints, and what the table is made from.
import { memoryMb } from '../machine/process-figures.mjs';
import { contestantFigures, overheadFigures, ratios } from './summary.mjs';

export { describeMachine } from '../machine/machine.mjs';
export { figuresTable } from './table.mjs';

function memoryOf(processes) {
  return Object.fromEntries(
    processes.map(({ name, pid, family }) => [name, memoryMb(pid, { family })]),
  );
}

/**
 * @param {{ options: object, rounds: Map<string, object[]>, calls: object, contestants: { quittance: object, bare: object },
 *   shared: object[], machine: object, finishedByCallback: number }} run `machine` as it was before the run; `finishedByCallback` is
 *   the share of Quittance's payments that a callback has finished, 1 unless something is wrong
 */
export function allFigures({
  options,
  rounds,
  calls,
  contestants,
  shared,
  machine,
  finishedByCallback,
}) {
  const { quittance, bare } = contestants;
  const of = ({ name }) => contestantFigures(rounds.get(name));
  return {
    payments: options.payments,
    connections: options.connections,
    rounds: options.rounds,
    machine,
    quittance: {
      ...of(quittance),
      finished_by_callback: finishedByCallback,
      memory_mb: memoryOf([...quittance.processes, ...shared]),
    },
    bare: { ...of(bare), memory_mb: memoryOf(bare.processes) },
    overhead: overheadFigures(calls),
    ...ratios(rounds.get('quittance'), rounds.get('bare')),
  };
}
