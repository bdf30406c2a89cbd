// The fuzz as a command: its options, its tables, and exit code 0 only if every check held.
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Session } from '../../tools/processes/session.js';
import { buildAll } from '../../tools/build.js';
import { ownDataFolder } from '../../tools/stack/owner.js';
import { heading, step, tell } from '../../tools/terminal/progress.mjs';
import { newSeed } from '../chaos/random.js';
import { markdownTable } from '../chaos/table.js';
import { wholeNumber } from '../support/options.js';
import type { Figures, Part } from './part.js';

interface Options {
  readonly seed: number;
  readonly requests: number;
  readonly callbacks: number;
  readonly path?: string;
}

function inputPath(text: string): string {
  if (/^(requests|callbacks)(:\d+)+$/.test(text)) return text;
  throw new InvalidArgumentError('It must be as a failed run names it.');
}

/** Reads the arguments. For `--help`, and after an error with the usage, it ends the process. */
const readOptions = (args: readonly string[]) =>
  new Command('npm run fuzz --')
    .addOption(
      new Option('--seed <n>', 'replays a run: every request and every callback')
        .argParser(wholeNumber(0))
        .default(newSeed(), 'a new one'),
    )
    .option('--requests <n>', 'requests to the api', wholeNumber(0), 20_000)
    .option('--callbacks <n>', 'callbacks to the webhook app', wholeNumber(0), 100_000)
    .option('--path <path>', 'sends one input of the run alone; a failed run names it', inputPath)
    .showHelpAfterError()
    .parse(args, { from: 'user' })
    .opts<Options>();

const listed = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts)
    .map(([name, count]) => `${name}: ${count}`)
    .join(', ');
const grown = ({ memory: [before, after] }: Figures) =>
  before.map(({ name, heapMb }, at) => `${name} ${heapMb} to ${after[at]?.heapMb} MB`).join(', ');

/** One table of figures, one of operations and one of checks. */
function tables(requests: Part, callbacks: Part, checks: Part['checks']): string {
  type Cell = string | number | undefined;
  const row = (name: string, of: (figures: Figures) => Cell): Cell[] => {
    return [name, of(requests.figures), of(callbacks.figures)];
  };
  const figures = [
    row('sent', ({ sent }) => sent),
    row('a second', ({ perSecond }) => perSecond),
    row('kinds of faults, mutations', ({ kinds }) => Object.keys(kinds).length),
    row('answers', ({ statuses }) => listed(statuses)),
    row('slowest answer', ({ slowestMs }) => `${slowestMs} ms`),
    row('with the right token', ({ withRightToken }) => withRightToken),
    row('payments charged', ({ charged }) => charged),
    row('stored then', ({ stored }) => listed(stored)),
    row('live heap', grown),
  ];
  const asked = Object.entries(requests.figures.operations ?? {}).toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const operations = asked.map(([name, counts]) => [name, counts.asked, counts.accepted]);
  return [
    markdownTable(['', 'requests', 'callbacks'], figures),
    markdownTable(['operation', 'asked', 'accepted'], operations),
    markdownTable(
      ['check', 'problems'],
      checks.map(({ name, problems }) => [name, problems.length]),
    ),
  ].join('\n\n');
}

/** `npm run fuzz`; resolves with the exit code. */
export async function fuzz(session: Session, args: string[]): Promise<number> {
  const options = readOptions(args);
  heading(`Fuzz, seed ${options.seed}`);
  await ownDataFolder();
  await buildAll();
  const { runFuzz } = await import('./run.js');
  const { requests, callbacks, checks } = await runFuzz(session, options, step);
  tell(`\n${tables(requests, callbacks, checks)}\n`);
  const problems = checks.flatMap(({ name, problems: found }) =>
    found.map((what) => `${name}: ${what}`),
  );
  for (const problem of problems) tell(`  ${problem}`);
  const isWell = problems.length === 0;
  tell(isWell ? `All ${checks.length} checks held.` : `${problems.length} problems.`);
  const { seed, requests: asked, callbacks: sent } = options;
  tell(`Replay with --seed ${seed} --requests ${asked} --callbacks ${sent}`);
  return isWell ? 0 : 1;
}
