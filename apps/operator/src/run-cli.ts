// Runs one command of the operator's CLI, from its arguments to its exit code.
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
 * Runs one command. Returns 0 on success, 1 on failure, 2 for wrong usage, 78 for invalid settings.
 * Never rejects.
 */
export async function runCli(args: readonly string[], given: CliHost): Promise<number> {
  // Messages of commander and of our own errors repeat a wrong argument.
  const host = { ...given, remark: (text: string) => given.remark(withoutCards(text)) };
  try {
    armCrashPoint(host.env);
    await createProgram(host).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has already printed its message.
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
    return 'Postgres did not answer in time. The change may have been made: check before you run the command again.';
  if (why === UNREACHABLE) return 'Postgres is unreachable; see DATABASE_URL.';
  return `Postgres is unavailable: ${why}.`;
}
