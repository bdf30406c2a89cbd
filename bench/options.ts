// The command line of the bench.
import { Command, type CommanderError, InvalidArgumentError, Option } from 'commander';
import { Problem } from '../tools/terminal/problem.mjs';

/** The numbers are whole and above 0. */
export type BenchOptions = Readonly<
  Record<'payments' | 'connections' | 'rounds' | 'warmUp' | 'calls', number>
> & { readonly guarded?: true; readonly profile?: readonly string[]; readonly json?: true };

const OWN = ['api', 'worker', 'webhook', 'orders'];
const BY_HAND = ['bare', 'guarded'].flatMap((name) => OWN.map((process) => `${name}-${process}`));
const profile = new Option('--profile <process...>', 'to profile; postgres for its statements');

function positive(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

/**
 * Reads the arguments.
 * @returns `undefined` for `--help`, which it answers
 * @throws {Problem} with the usage
 */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const command = new Command('npm run bench --')
    .option('--payments <n>', 'payments of each contestant', positive, 5000)
    .option('--connections <n>', 'connections of the load generator', positive, 64)
    .option('--rounds <n>', 'rounds that the payments are spread over', positive, 4)
    .option('--warm-up <n>', 'payments of each before anything counts', positive, 5000)
    .option('--calls <n>', 'single payments compared with bare gateway calls', positive, 200)
    .option('--guarded', 'adds a third contestant: the same guarantees, written by hand')
    .addOption(profile.choices([...OWN, 'sandbox', ...BY_HAND, 'postgres']))
    .option('--json', 'prints one JSON object as the last line')
    .configureOutput({ writeErr: () => {} })
    .exitOverride();
  try {
    const options = command.parse(args, { from: 'user' }).opts<BenchOptions>();
    const absent = options.profile?.find((name) => name.startsWith('guarded-'));
    if (absent && !options.guarded) command.error(`"${absent}" runs with --guarded only.`);
    return options;
  } catch (error) {
    const { exitCode, message } = error as CommanderError;
    if (exitCode === 0) return undefined;
    throw new Problem(`${message}\n\n${command.helpInformation()}`);
  }
}
