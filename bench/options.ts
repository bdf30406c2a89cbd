// The command line of the bench.
import { Command } from 'commander';
import { wholeNumber } from '../test/support/options.js';
import { OTHERS } from './contestants.js';

/** The numbers are whole and above 0. The options of `OTHERS` are members too. */
export type BenchOptions = Readonly<
  Record<'payments' | 'connections' | 'rounds' | 'warmUp' | 'calls', number> &
    Partial<
      Record<'statements' | 'json' | 'capacity' | 'unreachable', true> & Record<'lanes', number>
    >
>;

const positive = wholeNumber(1);

/** Reads the arguments. For `--help`, and after an error with the usage, it ends the process. */
export function readOptions(args: readonly string[]): BenchOptions {
  const command = new Command('npm run bench --')
    .option('--payments <n>', 'payments of each contestant', positive, 5000)
    .option('--connections <n>', 'connections that offer payments', positive, 64)
    .option('--rounds <n>', 'rounds that the payments are spread over', positive, 4)
    .option('--warm-up <n>', 'payments of each before anything counts', positive, 5000)
    .option('--calls <n>', 'single payments compared with bare gateway calls', positive, 200)
    .option('--statements', 'prints the statements that cost Postgres most')
    .option(
      '--lanes <n>',
      'measures one merchant beside others in its lane, instead; n is a backlog',
      positive,
    )
    .option('--unreachable', 'for --lanes: the gateway of the backlog refuses connections')
    .option('--capacity', 'measures Quittance alone, and writes docs/capacity.md')
    .option('--json', 'prints one JSON object as the last line')
    .showHelpAfterError();
  for (const { name, option } of OTHERS) if (option) command.option(`--${name}`, option);
  return command.parse(args, { from: 'user' }).opts<BenchOptions>();
}
