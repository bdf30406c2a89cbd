// Builds the tree of commands.
import { Command } from 'commander';
import { addAuditCommands } from './audit/audit.js';
import { addCompletionCommand } from './command/completion.js';
import { addEventCommands } from './events/failed-events.js';
import { addDoctorCommand } from './doctor/doctor.js';
import { addExplainRefundCommand } from './explain/explain-refund.js';
import { addExplainCommand } from './explain/explain.js';
import { addApproveCommand, addProposalCommands } from './proposals/proposals.js';
import { addKeyCommands } from './api-keys/keys.js';
import { addKeyRotationCommands } from './key-rotation/key-rotation.js';
import { addImportCommand } from './import/import-command.js';
import { addLaneCommands } from './lanes/lanes.js';
import { addMerchantCommands } from './merchants/merchants.js';
import { type CliHost, type CommonOptions, operate } from './open-operator.js';
import { addOperatorCommands } from './operators/operators.js';
import { addInquireCommand } from './payments/inquire.js';
import { addPaymentCommands } from './payments/payments.js';
import { addRefundCommands } from './payments/refunds.js';
import { addQueueCommands } from './queues/queues.js';
import { addRetentionCommand } from './retention/retention.js';
import { addResolveCommand } from './payments/resolve-payment.js';
import { addTerminalCommands } from './terminals/terminals.js';
import type { RunCommand } from './command/operator.js';

/** Returns the program of one run. It throws instead of exiting. */
export function createProgram(host: CliHost): Command {
  const program = new Command('quittance')
    .description("Quittance's command line for operators.")
    .version(host.version, '--version', 'show the version')
    .option('--json', 'print results as JSON, one object per line')
    .option('--why <text>', 'the reason for a change; stored in the audit, no card data')
    .showHelpAfterError('(add --help for the options)')
    .configureOutput({ writeOut: host.print, writeErr: host.remark })
    .exitOverride();
  const run: RunCommand = (work) => operate(host, program.opts<CommonOptions>(), work);
  addMerchantCommands(program, run);
  addKeyRotationCommands(addKeyCommands(program, run), run);
  addTerminalCommands(program, run);
  addLaneCommands(program, run);
  addPaymentCommands(program, run);
  addExplainRefundCommand(addRefundCommands(program, run), run);
  addExplainCommand(program, run);
  addResolveCommand(program, run);
  addInquireCommand(program, run);
  addEventCommands(program, run);
  addQueueCommands(program, run);
  addOperatorCommands(program, run);
  addApproveCommand(program, run);
  addProposalCommands(program, run);
  addAuditCommands(program, run);
  addRetentionCommand(program, run);
  addDoctorCommand(program, host);
  addImportCommand(program, host);
  addCompletionCommand(program, host);
  return program;
}
