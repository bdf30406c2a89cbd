// The operator's command line: `quittance <command>`. Results go to stdout, remarks and faults to stderr.
// Exit codes: 0 done, 1 not done, 2 wrong usage, 78 wrong settings (EX_CONFIG).
import { ConfigError, describeError } from '@quittance/platform';
import { CommanderError } from 'commander';
import { OperatorError } from './operator-error.js';
import { isDatabaseAway } from '../connections/database-away.js';
import { createProgram } from './program.js';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const EXIT_CONFIG = 78;

try {
  await createProgram(process.env).parseAsync();
} catch (error) {
  process.exitCode = tell(error);
}

function tell(error: unknown): number {
  // Commander has printed its own words already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  const { message, code, cause } = describeError(error);
  if (error instanceof ConfigError) return say(error.message, EXIT_CONFIG);
  if (error instanceof OperatorError) return say(error.message, EXIT_FAILED);
  if (isDatabaseAway(error) || code === 'P1001') {
    return say('Postgres cannot be reached; see DATABASE_URL.', EXIT_FAILED);
  }
  return say(`${message}${cause ? ` (${cause.message})` : ''}`, EXIT_FAILED);
}

function say(text: string, exitCode: number): number {
  process.stderr.write(`${text}\n`);
  return exitCode;
}
