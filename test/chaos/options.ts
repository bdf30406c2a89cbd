// The command line of the chaos run.
import { Command, Option } from 'commander';
import { Problem } from '../../tools/terminal/problem.mjs';
import { wholeNumber } from '../support/options.js';
import { CASES, nameOf, type KillCase } from './kill-matrix/cases.js';
import type { Scale } from './part.js';
import { PARTS, type PartName } from './parts.js';
import { newSeed } from './random.js';

const PART_NAMES = Object.keys(PARTS) as PartName[];

interface Given extends Record<'seed' | 'payments' | 'open' | 'watched' | 'stacks', number> {
  readonly only: readonly PartName[];
  readonly case: string;
  readonly writeDocs: boolean;
}

/** The options of one run. */
export interface ChaosOptions {
  readonly seed: number;
  readonly parts: readonly PartName[];
  readonly scale: Scale;
  readonly writesDocs: boolean;
}

function casesNamed(text: string, writesDocs: boolean): readonly KillCase[] {
  const cases = CASES.filter((one) => nameOf(one).includes(text));
  if (cases.length === 0) throw new Problem(`There is no case "${text}".`);
  if (writesDocs && cases.length < CASES.length)
    throw new Problem('--write-docs takes all cases: the table would lose the others.');
  return cases;
}

/** Reads the arguments. For `--help`, and after an error with the usage, it ends the process. */
export function readOptions(args: readonly string[]): ChaosOptions {
  const onlyOption = new Option('--only <part...>', 'parts to run').choices(PART_NAMES);
  const seedOption = new Option('--seed <n>', 'replays a run: every order and every choice');
  const given = new Command('npm run chaos --')
    .addOption(seedOption.argParser(wholeNumber(0)).default(newSeed(), 'a new one'))
    .addOption(onlyOption.default(PART_NAMES, 'all'))
    .option('--payments <n>', 'payments of "lies"', wholeNumber(1), 10_000)
    .option('--open <n>', 'open payments of "rebuild"', wholeNumber(1), 100_000)
    .option('--watched <n>', 'ended payments that are due in "watch"', wholeNumber(1), 100_000)
    .option('--case <text>', 'cases of "kill" whose process, point and flow contain it', '')
    .option('--stacks <n>', 'stacks side by side in "kill"', wholeNumber(1), 2)
    .option('--write-docs', 'puts the table of "kill" into docs/reliability.md', false)
    .showHelpAfterError()
    .parse(args, { from: 'user' })
    .opts<Given>();
  const { seed, only, case: text, writeDocs: writesDocs, ...counts } = given;
  const scale = { isShort: false, ...counts, cases: casesNamed(text, writesDocs) };
  return { seed, parts: PART_NAMES.filter((part) => only.includes(part)), scale, writesDocs };
}
