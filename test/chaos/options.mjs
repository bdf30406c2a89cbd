// The command line of the chaos run.
import { readArguments, wholeNumber } from '../../tools/terminal/options.ts';
import { Problem } from '../../tools/terminal/problem.mjs';
import { CASES, nameOf } from './kill-matrix/cases.mjs';
import { newSeed } from './random.ts';

const PARTS = [
  'kill',
  'stall',
  'redis',
  'rebuild',
  'postgres',
  'silent-postgres',
  'silent-redis',
  'clocks',
  'places',
  'lies',
  'upgrade',
  'watch',
];

export const USAGE = `npm run chaos -- [options]
  --seed <n>        replays a run: the order of things and every choice come from it
  --only <part>     ${PARTS.join(', ')}; may be given several times (all)
  --payments <n>    payments of the part "lies" (10000)
  --open <n>        open payments whose queues are rebuilt in the part "rebuild" (100000)
  --watched <n>     payments that have ended and are due in the part "watch" (100000)
  --case <text>     of the part "kill" those cases whose process, point and flow contain the text
  --stacks <n>      stacks side by side in the part "kill" (2)
  --write-docs      puts the table of the part "kill" into docs/reliability.md`;

const text = { type: 'string' };
const OPTIONS = {
  seed: text,
  only: { ...text, multiple: true, default: [] },
  payments: text,
  open: text,
  watched: text,
  case: text,
  stacks: text,
  'write-docs': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

function casesNamed({ case: part = '', 'write-docs': writesDocs }) {
  const cases = CASES.filter((one) => nameOf(one).includes(part));
  if (cases.length === 0) throw new Problem(`There is no case "${part}".\n\n${USAGE}`);
  if (writesDocs && cases.length < CASES.length)
    throw new Problem('--write-docs takes all cases: the table would lose the others.');
  return cases;
}

/** Throws a Problem with the usage. */
export function readOptions(args) {
  const values = readArguments(args, OPTIONS, USAGE);
  const number = (name, bounds) => wholeNumber(values, name, { ...bounds, usage: USAGE });
  const unknown = values.only.find((part) => !PARTS.includes(part));
  if (unknown !== undefined) throw new Problem(`There is no part "${unknown}".\n\n${USAGE}`);
  return {
    help: values.help,
    seed: number('seed', { least: 0, preset: newSeed() }),
    parts: values.only.length === 0 ? PARTS : PARTS.filter((part) => values.only.includes(part)),
    payments: number('payments', { least: 1, preset: 10_000 }),
    open: number('open', { least: 1, preset: 100_000 }),
    watched: number('watched', { least: 1, preset: 100_000 }),
    stacks: number('stacks', { least: 1, preset: 2 }),
    cases: casesNamed(values),
    writesDocs: values['write-docs'],
  };
}
