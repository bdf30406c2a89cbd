// All figures of one run as one object: what `--json` prints, and what the table is made from.
import { describeMachine } from '../machine/machine.mjs';
import { memoryMb } from '../machine/process-figures.mjs';
import { contestantFigures, overheadFigures, ratios } from './summary.mjs';

export { figuresTable } from './table.mjs';

function memoryOf(processes) {
  return Object.fromEntries(
    processes.map(({ name, pid, family }) => [name, memoryMb(pid, { family })]),
  );
}

/**
 * @param {{ options: object, rounds: Map<string, object[]>, calls: object, contestants: { quittance: object, bare: object },
 *   shared: object[], version: string }} run `version` is that of Postgres
 */
export function allFigures({ options, rounds, calls, contestants, shared, version }) {
  const { quittance, bare } = contestants;
  const of = ({ name }) => contestantFigures(rounds.get(name));
  return {
    payments: options.payments,
    connections: options.connections,
    rounds: options.rounds,
    machine: describeMachine(version),
    quittance: {
      ...of(quittance),
      memory_mb: memoryOf([...quittance.processes, ...shared]),
    },
    bare: { ...of(bare), memory_mb: memoryOf(bare.processes) },
    overhead: overheadFigures(calls),
    ...ratios(rounds.get('quittance'), rounds.get('bare')),
  };
}
