// Waiting at start-up for something another process provides. It never gives up: whoever runs the
// process sees what it waits for, and an orchestrator that wants a limit sets its own.
import { promises as timers } from 'node:timers';
import { types } from 'node:util';
import { errorCodeOf } from './error-code.js';
import type { Logger } from './logging.js';

/** What to wait for. */
export interface WaitForOptions {
  /** What is awaited, for the log: `postgres`. */
  readonly name: string;
  /** Resolves once the thing answers; a rejection means not yet. */
  readonly check: () => Promise<unknown>;
  readonly log: Logger;
  /** Pause between two checks, in milliseconds. Default 500. */
  readonly everyMs?: number;
  /** Ends the wait: the returned promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Resolves when `check` does. Says so once when it has to wait, every tenth try, and when it is
 * over.
 */
export async function waitFor(options: WaitForOptions): Promise<void> {
  const { name, check, log, everyMs = 500, signal } = options;
  for (let tries = 1; ; tries += 1) {
    signal?.throwIfAborted();
    try {
      await check();
      if (tries > 1) log.info({ dependency: name, tries }, `${name} is there`);
      return;
    } catch (error) {
      if (tries % 10 === 1) {
        log.warn({ dependency: name, tries, reason: reasonOf(error) }, `waiting for ${name}`);
      }
    }
    await timers.setTimeout(everyMs, undefined, signal ? { signal } : {});
  }
}

/**
 * The short code of a connection failure, or the kind of error; never its message, which may hold a
 * URL with a password.
 */
function reasonOf(error: unknown): string {
  return errorCodeOf(error) ?? (types.isNativeError(error) ? error.name : 'unknown');
}
