// Waits at startup for something that another process provides. It never gives up: an operator sees
// the wait in the log, and an orchestrator sets its own limit.
import { promises as timers } from 'node:timers';
import { types } from 'node:util';
import { ConfigError } from './config/config.js';
import { errorCodeOf } from './error-code.js';
import type { Logger } from './logging.js';

/** The condition to wait for, and its log. */
export interface WaitForOptions {
  /** The name of the dependency in the log: `postgres`. */
  readonly name: string;
  /**
   * Resolves when the dependency is available. A rejection means not yet, but for a
   * {@link ConfigError}, which ends the wait: time changes no setting.
   */
  readonly check: () => Promise<unknown>;
  readonly log: Logger;
  /** Pause between two checks, in milliseconds. Default 500. */
  readonly everyMs?: number;
  /** Ends the wait. The returned promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Resolves when `check` does. Logs the first failed check, every tenth one, and the end of the
 * wait.
 */
export async function waitFor(options: WaitForOptions): Promise<void> {
  const { name, check, log, everyMs = 500, signal } = options;
  for (let tries = 1; ; tries += 1) {
    signal?.throwIfAborted();
    try {
      await check();
      if (tries > 1) log.info({ dependency: name, tries }, `${name} is available`);
      return;
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      if (tries % 10 === 1) {
        log.warn({ dependency: name, tries, reason: reasonOf(error) }, `waiting for ${name}`);
      }
    }
    await timers.setTimeout(everyMs, undefined, signal ? { signal } : {});
  }
}

/**
 * Returns the code of a connection failure, or the error's type. Never its message, which may
 * contain a URL with a password.
 */
function reasonOf(error: unknown): string {
  return errorCodeOf(error) ?? (types.isNativeError(error) ? error.name : 'unknown');
}
