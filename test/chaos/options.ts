// The command line of the chaos run.
import { readArguments, wholeNumber } from '../../tools/terminal/options.js';
import { Problem } from '../../tools/terminal/problem.mjs';
import { CASES, nameOf, type KillCase } from './kill-matrix/cases.js';
import type { Scale } from './part.js';
import { PARTS, type PartName } from './parts.js';
import { newSeed } from './random.js';

const PART_NAMES = Object.keys(PARTS) as PartName[];

export const USAGE = `npm run chaos -- [options]
  --seed <n>        replays a run: every order and every choice comes from it
  --only <part>     ${PART_NAMES.join(', ')}; may be given several times (all)
  --payments <n>    payments of the part "lies" (10000)
  --open <n>        open payments whose jobs are lost in the part "rebuild" (100000)
  --watched <n>     payments that have ended and are due in the part "watch" (100000)
  --case <text>     of the part "kill" the cases whose process, point and flow contain the text
  --stacks <n>      stacks side by side in the part "kill" (2)
  --write-docs      puts the table of the part "kill" into docs/reliability.md`;

const TEXT = { type: 'string' } as const;
const OPTIONS = {
  seed: TEXT,
  only: { ...TEXT, multiple: true, default: [] as string[] },
  payments: TEXT,
  open: TEXT,
  watched: TEXT,
  case: { ...TEXT, default: '' },
  stacks: TEXT,
  'write-docs': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** The options of one run. */
export interface ChaosOptions {
  readonly help: boolean;
  readonly seed: number;
  readonly parts: readonly PartName[];
  readonly scale: Scale;
  readonly writesDocs: boolean;
}

function casesNamed(text: string, writesDocs: boolean): readonly KillCase[] {
  const cases = CASES.filter((one) => nameOf(one).includes(text));
  if (cases.length === 0) throw new Problem(`There is no case "${text}".\n\n${USAGE}`);
  if (writesDocs && cases.length < CASES.length)
    throw new Problem('--write-docs takes all cases: the table would lose the others.');
  return cases;
}

/** @throws {Problem} with the usage */
export function readOptions(args: string[]): ChaosOptions {
  const values = readArguments(args, OPTIONS, USAGE);
  const { only, help, 'write-docs': writesDocs } = values;
  const number = (name: string, bounds: { least: number; preset: number }) =>
    wholeNumber(values, name, { ...bounds, usage: USAGE });
  const unknown = only.find((part) => !(part in PARTS));
  if (unknown !== undefined) throw new Problem(`There is no part "${unknown}".\n\n${USAGE}`);
  const scale = {
    isShort: false,
    stacks: number('stacks', { least: 1, preset: 2 }),
    cases: casesNamed(values.case, writesDocs),
    payments: number('payments', { least: 1, preset: 10_000 }),
    open: number('open', { least: 1, preset: 100_000 }),
    watched: number('watched', { least: 1, preset: 100_000 }),
  };
  const parts = only.length === 0 ? PART_NAMES : PART_NAMES.filter((part) => only.includes(part));
  return { help, seed: number('seed', { least: 0, preset: newSeed() }), parts, scale, writesDocs };
}
