// Stops a process gracefully on the first signal, within a time limit, and at once on the second.
import type { Logger } from '../logging.js';

/** Options of the stop. */
export interface StopOptions {
  readonly logger: Logger;
  /**
   * Longest time for the whole stop, in milliseconds. Default 25 s, below the usual 30 s before
   * SIGKILL.
   */
  readonly limitMs?: number;
  /** Runs after the app has closed, within the same limit: for what it still produces then. */
  readonly afterwards?: () => Promise<void>;
}

/** The parts of the process that a stop uses. */
export interface StopHost {
  on(signal: 'SIGTERM' | 'SIGINT', listener: (signal: NodeJS.Signals) => void): unknown;
  exit(code: number): void;
}

const STOP_LIMIT_MS = 25_000;

/** EX_SOFTWARE of sysexits.h: the process found itself broken, and a restart may help. */
const EXIT_BROKEN = 70;

/**
 * Closes the app on SIGTERM or SIGINT and exits with 0. Exits with 1 when that fails or exceeds the
 * limit, and at once on a second signal. Call it once per process, from `main`.
 *
 * Returns a function that stops in the same way and exits with 70, for a process that finds itself
 * broken.
 */
export function stopOnSignals(
  app: { close(): Promise<void> },
  { logger, limitMs = STOP_LIMIT_MS, afterwards }: StopOptions,
  host: StopHost = process,
): (reason: string) => void {
  let isStopping = false;
  const stop = async (cause: object, code: number) => {
    isStopping = true;
    logger.info(cause, 'stopping');
    const limit = setTimeout(() => {
      logger.error({ limitMs }, 'the stop took too long');
      host.exit(1);
    }, limitMs);
    try {
      await app.close();
      await afterwards?.();
      logger.info('stopped');
      host.exit(code);
    } catch (error) {
      logger.error({ err: error }, 'the stop failed');
      host.exit(1);
    } finally {
      clearTimeout(limit);
    }
  };
  const onSignal = (signal: NodeJS.Signals) =>
    isStopping ? host.exit(1) : void stop({ signal }, 0);
  host.on('SIGTERM', onSignal);
  host.on('SIGINT', onSignal);
  return (reason) => {
    if (!isStopping) void stop({ reason }, EXIT_BROKEN);
  };
}
