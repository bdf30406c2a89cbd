// The tree of commands.
import { Command } from 'commander';
import { addEventCommands } from './events/events.js';
import { addExplainCommand } from './explain/explain.js';
import { addKeyCommands } from './keys.js';
import { addMerchantCommands } from './merchants.js';
import { operate } from './operator.js';
import { addRefundCommands } from './refunds.js';
import { addResolveCommand } from './resolve/resolve.js';
import type { CliHost } from './run-cli.js';
import type { RunCommand } from './run-command.js';
import { addTerminalCommands } from './terminals.js';

/** The program of one run. Throws instead of exiting. */
export function createProgram(host: CliHost): Command {
  const run: RunCommand = (work) => operate(host, work);
  const program = new Command('quittance')
    .description("The operator's tools for Quittance.")
    .showHelpAfterError('(add --help for the options)')
    .configureOutput({ writeOut: host.print, writeErr: host.remark })
    .exitOverride();
  addMerchantCommands(program, run);
  addKeyCommands(program, run);
  addTerminalCommands(program, run);
  addRefundCommands(program, run);
  addExplainCommand(program, run);
  addResolveCommand(program, run);
  addEventCommands(program, run);
  return program;
}
