// `keys rotate|destroy`: the keys that cards, terminal secrets and callback tokens are made with.
// They are files, not rows.
import type { KeyPurpose } from '@quittance/vault';
import { type Command, Option } from 'commander';
import { parseDuration } from '../command/times.js';
import { destroy } from './destroy.js';
import { rotate } from './rotate.js';
import type { RunCommand } from '../command/operator.js';

/** What a person calls the lists of a key set. */
const USES: Readonly<Record<string, KeyPurpose>> = {
  cards: 'cards',
  secrets: 'terminalSecrets',
  callbacks: 'callbackTokens',
};

const WAIT_MS = 60_000;

/** As commander reads them. */
interface CommandOptions {
  readonly folder?: string;
  readonly wait: number;
  readonly offline?: boolean;
}

/** Adds to the command `keys` of the API keys, which share it. */
export function addKeyRotationCommands(keys: Command, run: RunCommand): void {
  withFiles(keys.command('rotate'))
    .description(
      'put a new key of the key sets into use; prints its kid, and goes on after a crash',
    )
    .addOption(
      new Option('--use <use>', 'what the key is for')
        .choices(Object.keys(USES))
        .makeOptionMandatory(),
    )
    .action(({ use, ...options }: CommandOptions & { use: keyof typeof USES }) =>
      run((operator) => rotate(operator, { purpose: USES[use] ?? 'cards', ...optionsOf(options) })),
    );
  withFiles(keys.command('destroy <kid>'))
    .description('take a retired key out of the key sets; refuses while anything needs it')
    .action((kid: string, options: CommandOptions) =>
      run((operator) => destroy(operator, kid, optionsOf(options))),
    );
}

function withFiles(command: Command): Command {
  return command
    .option('--folder <path>', 'where the key sets are (default: where QUITTANCE_KEYSET is)')
    .option(
      '--wait <duration>',
      'for processes to take a change up, e.g. 5m',
      parseDuration,
      WAIT_MS,
    )
    .option('--offline', 'it is right that no process runs');
}

function optionsOf({ folder, wait, offline }: CommandOptions) {
  return { ...(folder !== undefined && { folder }), waitMs: wait, isOffline: offline === true };
}
