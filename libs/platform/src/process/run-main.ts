// Runs the main function of a process, prints the reason of a failed start, and sets the exit code.
import { setFlagsFromString } from 'node:v8';
import { ConfigError } from '../config/config.js';
import { armCrashPoint } from '../crash-point.js';
import { mapStackTraces } from './mapped-stacks.js';

/** EX_CONFIG of sysexits.h: the settings are wrong, and a restart will not help. */
const EXIT_CONFIG = 78;
const EXIT_FAILURE = 1;
/**
 * The growth of the heap, in percent, after which V8 collects old objects. Its own choice is about
 * 45 here and takes 10 MB more; 10 collects more often and takes as much (docs/performance.md).
 * `NODE_OPTIONS` does not allow the flag.
 */
const HEAP_GROWTH_PERCENT = 20;

/** A failed start that a person can fix. Only its message is printed, without a stack. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
}

/** The parts of the process that a start uses. */
export interface StartHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stderr: { write(text: string): unknown };
  exit(code: number): void;
}

/**
 * Runs a process's `main`. Prints a ConfigError on stderr and exits with 78; any other failure
 * exits with 1.
 */
export async function runMain(main: () => Promise<void>, host: StartHost = process): Promise<void> {
  mapStackTraces();
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
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
