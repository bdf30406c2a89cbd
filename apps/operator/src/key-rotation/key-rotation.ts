// `keys rotate|destroy`: the keys for cards, secrets of terminals, and the tokens of callbacks and
// returning payers. They are files, not rows.
import type { KeyPurpose } from '@quittance/vault';
import { type Command, Option } from 'commander';
import { durationText, parseDuration } from '../command/times.js';
import { destroy } from './destroy.js';
import { rotate } from './rotate.js';
import type { RunCommand } from '../command/operator.js';

/** The lists of a key set, by their names on the command line. */
const USES: Readonly<Record<string, KeyPurpose>> = {
  cards: 'cards',
  secrets: 'terminalSecrets',
  'drop-in': 'dropInSecrets',
  callbacks: 'callbackTokens',
  returns: 'returnTokens',
};

const WAIT_MS = 60_000;

/** The options as commander parses them. */
interface CommandOptions {
  readonly folder?: string;
  readonly wait: number;
  readonly offline?: boolean;
}

/** Adds its commands to `keys`, which the API keys share. */
export function addKeyRotationCommands(keys: Command, run: RunCommand): void {
  withFiles(keys.command('rotate'))
    .description('activate a new key; prints its kid; a second run continues after a crash')
    .addOption(
      new Option('--use <use>', 'the purpose of the key')
        .choices(Object.keys(USES))
        .makeOptionMandatory(),
    )
    .action(({ use, ...options }: CommandOptions & { use: keyof typeof USES }) =>
      run((operator) => rotate(operator, { purpose: USES[use] ?? 'cards', ...optionsOf(options) })),
    );
  withFiles(keys.command('destroy <kid>'))
    .description('remove a retired key from the key sets; fails while anything needs it')
    .action((kid: string, options: CommandOptions) =>
      run((operator) => destroy(operator, kid, optionsOf(options))),
    );
}

function withFiles(command: Command): Command {
  return command
    .option('--folder <path>', 'folder of the key sets (default: the folder of QUITTANCE_KEYSET)')
    .addOption(
      new Option('--wait <duration>', 'time for processes to load a change, e.g. 5m')
        .argParser(parseDuration)
        .default(WAIT_MS, durationText(WAIT_MS)),
    )
    .option('--offline', 'expect that no process is running');
}

function optionsOf({ folder, wait, offline }: CommandOptions) {
  return { ...(folder !== undefined && { folder }), waitMs: wait, isOffline: offline === true };
}
