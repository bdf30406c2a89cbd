// The fuzz as a command: its options, its tables, and exit code 0 only if every check held.
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Session } from '../../tools/processes/session.js';
import { buildAll } from '../../tools/build.js';
import { ownDataFolder } from '../../tools/stack/owner.js';
import { heading, step, tell } from '../../tools/terminal/progress.mjs';
import { newSeed } from '../chaos/random.js';
import { markdownTable } from '../chaos/table.js';
import { wholeNumber } from '../support/options.js';
import type { FuzzOptions } from './run.js';

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
    .opts<FuzzOptions>();

/** `npm run fuzz`; resolves with the exit code. */
export async function fuzz(session: Session, args: string[]): Promise<number> {
  const options = readOptions(args);
  heading(`Fuzz, seed ${options.seed}`);
  await ownDataFolder();
  await buildAll();
  const { runFuzz } = await import('./run.js');
  const {
    figures: [requests, callbacks],
    checks,
  } = await runFuzz(session, options, step);
  const names = Object.keys({ ...requests, ...callbacks });
  const figures = names.map((name) => [name, requests[name], callbacks[name]]);
  tell(`\n${markdownTable(['', 'requests', 'callbacks'], figures)}\n`);
  const found = checks.map(({ name, problems }) => [name, problems.length]);
  tell(`${markdownTable(['check', 'problems'], found)}\n`);
  const problems = checks.flatMap((check) =>
    check.problems.map((what) => `${check.name}: ${what}`),
  );
  for (const problem of problems) tell(`  ${problem}`);
  tell(problems[0] ? `${problems.length} problems.` : `All ${checks.length} checks held.`);
  const { seed, ...counts } = options;
  tell(`Replay with --seed ${seed} --requests ${counts.requests} --callbacks ${counts.callbacks}`);
  return problems[0] ? 1 : 0;
}
