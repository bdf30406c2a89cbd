// Determines whether the process can do its work now. Every dependency has a check with a deadline.
// Each check defines its own consequence, because an api without Redis works and a worker without
// it does not.
import { errorCodeOf } from './error-code.js';
import { DeadlineExceeded, within } from './within.js';

/** One dependency of the process and the check for it. */
export interface HealthCheck {
  /** Its name in `/readyz` and in the metric, such as `postgres`. */
  readonly name: string;
  /**
   * True when the process is unready without the dependency; a function decides by the other
   * dependencies that are up. Default true. A failed check of a dependency that is not needed makes
   * the process degraded, which is still ready.
   */
  readonly needed?: boolean | ((isUp: (name: string) => boolean) => boolean);
  /**
   * Uses the dependency as the process's work does, with a write where the work writes. Resolves on
   * success, with a {@link CheckNote} if there is something to report. Rejects otherwise, with
   * {@link NotReady} when the reason is known.
   */
  readonly run: () => Promise<unknown>;
}

/**
 * The reason why a dependency cannot be used. Every caller of `/readyz` sees `reason`, so it
 * contains no address and no message of a driver.
 */
export class NotReady extends Error {
  override readonly name = 'NotReady';

  constructor(
    readonly reason: string,
    options?: { readonly cause?: unknown },
  ) {
    super(reason, options);
  }
}

/** A remark about a usable dependency. Every caller of `/readyz` sees the text. */
export class CheckNote {
  constructor(readonly text: string) {}
}

/** The checks, and the time limit of each in milliseconds (default 2000). */
export interface HealthOptions {
  readonly checks: readonly HealthCheck[];
  readonly timeoutMs?: number;
}

/** The result of a check. */
export interface CheckResult {
  readonly status: 'up' | 'down';
  /** The reason when the dependency is down. */
  readonly reason?: string;
  /** A remark when the dependency is up. */
  readonly detail?: string;
}

/**
 * `degraded` means that a dependency is down and the process works without it. Only `unready` gives
 * a 503.
 */
export interface Readiness {
  readonly status: 'ready' | 'degraded' | 'unready';
  readonly checks: Readonly<Record<string, CheckResult>>;
}

/**
 * Well below the timeout of a probe (Kubernetes: commonly 5 s), so that the response names the
 * unavailable dependency.
 */
const CHECK_TIMEOUT_MS = 2000;

/** Descriptions of the error codes of a broken connection. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection lost',
  EPIPE: 'connection lost',
  ETIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'host not reachable',
  ENETUNREACH: 'host not reachable',
  EAI_AGAIN: 'name does not resolve',
  ENOTFOUND: 'name does not resolve',
};

/**
 * The checks of one process. Concurrent callers share one run of the checks, so probes cannot
 * multiply the load.
 */
export class Health {
  readonly #options: HealthOptions;
  #running: Promise<Readiness> | undefined;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  /**
   * Runs all checks in parallel. A check that rejects or exceeds its limit counts as down. Never
   * rejects.
   */
  check(): Promise<Readiness> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<Readiness> {
    const { checks, timeoutMs = CHECK_TIMEOUT_MS } = this.#options;
    const results = new Map<string, CheckResult>();
    // The results have the order of the checks, whichever ends first.
    for (const { name } of checks) results.set(name, { status: 'down' });
    await Promise.all(
      checks.map(async (check) => results.set(check.name, await resultOf(check, timeoutMs))),
    );
    const isUp = (name: string) => results.get(name)?.status === 'up';
    const down = checks.filter(({ name }) => !isUp(name));
    return { status: verdict(down, isUp), checks: Object.fromEntries(results) };
  }
}

function verdict(
  down: readonly HealthCheck[],
  isUp: (name: string) => boolean,
): Readiness['status'] {
  if (down.length === 0) return 'ready';
  const isNeeded = ({ needed = true }: HealthCheck) =>
    typeof needed === 'function' ? needed(isUp) : needed;
  return down.some(isNeeded) ? 'unready' : 'degraded';
}

async function resultOf({ run }: HealthCheck, limitMs: number): Promise<CheckResult> {
  try {
    const answer = await within(limitMs, Promise.resolve().then(run));
    return { status: 'up', ...(answer instanceof CheckNote && { detail: answer.text }) };
  } catch (error) {
    const isLate = error instanceof DeadlineExceeded;
    return {
      status: 'down',
      reason: isLate ? `no answer in ${limitMs / 1000} s` : reasonOf(error),
    };
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof NotReady) return error.reason;
  return REASONS[errorCodeOf(error) ?? ''] ?? 'failed';
}
