// All figures of one run as one object: what `--json` prints, and what the table is made from.
import { memoryMb } from '../machine/process-figures.mjs';
import { allRatios, contestantFigures, overheadFigures } from './summary.mjs';

export { describeMachine } from '../machine/machine.mjs';
export { figuresTable } from './table.mjs';

function memoryOf(processes) {
  return Object.fromEntries(
    processes.map(({ name, pid, family }) => [name, memoryMb(pid, { family })]),
  );
}

/**
 * @param {{ options: object, rounds: Map<string, object[]>, calls: object, contestants: { quittance: object, bare: object,
 *   guarded?: object }, shared: object[], machine: object, finishedByCallback: number, kept?: object }} run `machine` as it was
 *   before the run; `finishedByCallback` is the share of Quittance's payments that a callback has finished, 1 unless something is
 *   wrong; `kept` is what the guarded version's database holds, see contestants/guarded-kept.mjs
 */
export function allFigures({
  options,
  rounds,
  calls,
  contestants,
  shared,
  machine,
  finishedByCallback,
  kept,
}) {
  const { quittance, bare, guarded } = contestants;
  const of = ({ name }) => contestantFigures(rounds.get(name));
  const byHand = (contestant) => ({
    ...of(contestant),
    memory_mb: memoryOf(contestant.processes),
  });
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
    bare: byHand(bare),
    ...(guarded && { guarded: { ...byHand(guarded), kept } }),
    overhead: overheadFigures(calls),
    ...allRatios(rounds),
  };
}
