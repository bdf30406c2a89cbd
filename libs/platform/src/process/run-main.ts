// The outermost function of a process: what a person sees when it cannot start, and which exit code
// says why.
import { ConfigError } from '../config/config.js';
import { armCrashPoint } from '../crash-point.js';

/** EX_CONFIG of sysexits.h: the settings are wrong, starting again will not help. */
const EXIT_CONFIG = 78;
const EXIT_FAILURE = 1;

/**
 * A start that failed for a reason a person can mend: its message is printed alone, without a
 * stack.
 */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
}

/** What a start needs of its process. */
export interface StartHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stderr: { write(text: string): unknown };
  exit(code: number): void;
}

/**
 * Runs a process's `main`. Prints a ConfigError on stderr and exits 78; any other failure exits 1.
 */
export async function runMain(main: () => Promise<void>, host: StartHost = process): Promise<void> {
  try {
    armCrashPoint(host.env);
    await main();
  } catch (error) {
    host.stderr.write(`${messageOf(error)}\n`);
    host.exit(error instanceof ConfigError ? EXIT_CONFIG : EXIT_FAILURE);
  }
}

function messageOf(error: unknown): string {
  if (error instanceof ConfigError || error instanceof StartFailure) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : 'the start failed';
}
