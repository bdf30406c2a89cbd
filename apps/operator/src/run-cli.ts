// One run of the operator's command line, from arguments to exit code.
import { armCrashPoint, ConfigError, describeError } from '@quittance/platform';
import { CommanderError } from 'commander';
import { isOverdue, UNREACHABLE, unavailableReason } from '@quittance/postgres';
import { OperatorError } from '@quittance/operations';
import type { CliHost } from './open-operator.js';
import { createProgram } from './program.js';
import { withoutCards } from './command/card-numbers.js';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
/** EX_CONFIG of sysexits.h. */
const EXIT_CONFIG = 78;

/**
 * Runs one command. Returns 0 when it is done, 1 when not, 2 on wrong usage, 78 on wrong settings;
 * never throws.
 */
export async function runCli(args: readonly string[], given: CliHost): Promise<number> {
  // Commander and our own faults repeat a wrong argument.
  const host = { ...given, remark: (text: string) => given.remark(withoutCards(text)) };
  try {
    armCrashPoint(host.env);
    await createProgram(host).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has said it already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    host.remark(`${messageFor(error)}\n`);
    return error instanceof ConfigError ? EXIT_CONFIG : EXIT_FAILED;
  }
}

function messageFor(error: unknown): string {
  if (error instanceof ConfigError || error instanceof OperatorError) return error.message;
  const why = unavailableReason(error);
  if (why !== undefined) return unavailableMessage(error, why);
  const { message, cause } = describeError(error);
  return cause ? `${message} (${cause.message})` : message;
}

function unavailableMessage(error: unknown, why: string): string {
  if (isOverdue(error))
    return 'Postgres did not answer in time. It may have been done all the same: look before you type it again.';
  if (why === UNREACHABLE) return 'Postgres cannot be reached; see DATABASE_URL.';
  return `Postgres cannot be used now: ${why}.`;
}
