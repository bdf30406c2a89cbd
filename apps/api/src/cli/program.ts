// The tree of commands.
import { Command } from 'commander';
import { addExplainCommand } from './explain/explain.js';
import { addKeyCommands } from './keys.js';
import { addMerchantCommands } from './merchants.js';
import { operate } from './operator.js';
import type { RunCommand } from './run-command.js';
import { addTerminalCommands } from './terminals.js';

/** The program on the database of `env`. Throws instead of exiting. */
export function createProgram(env: NodeJS.ProcessEnv): Command {
  const run: RunCommand = (work) => operate(env, work);
  const program = new Command('quittance')
    .description("The operator's tools for Quittance.")
    .showHelpAfterError('(add --help for the options)')
    .exitOverride();
  addMerchantCommands(program, run);
  addKeyCommands(program, run);
  addTerminalCommands(program, run);
  addExplainCommand(program, run);
  return program;
}
