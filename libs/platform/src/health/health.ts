// Can the process do its work now? Every dependency has a check with a deadline; what each means
// for the process is the check's own rule, because an api without Redis works and a worker without
// it does not.
import { errorCodeOf } from '../error-code.js';
import { TookTooLong, within } from '../within.js';

/** One thing the process depends on, and how to find out whether it can be used. */
export interface HealthCheck {
  /** Names it in `/readyz` and in the metric, e.g. `postgres`. */
  readonly name: string;
  /**
   * Whether the process is unready without it, or a rule that answers so, given what else is up.
   * Default true. A check that fails and is not needed makes the process degraded, which is still
   * ready.
   */
  readonly needed?: boolean | ((isUp: (name: string) => boolean) => boolean);
  /**
   * Uses the dependency as the process's work does: a write, where the work writes. Resolves when
   * that went well, with a {@link CheckNote} when there is something to be known about it all the
   * same; rejects otherwise, with {@link NotReady} when it knows why.
   */
  readonly run: () => Promise<unknown>;
}

/**
 * Why a dependency cannot be used. Everybody who asks `/readyz` sees `reason`: it holds no address
 * and no driver's words.
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

/** Something about a dependency that can be used. Everybody who asks `/readyz` sees the text. */
export class CheckNote {
  constructor(readonly text: string) {}
}

/** The checks, and how long one may take in milliseconds (default 2000). */
export interface HealthOptions {
  readonly checks: readonly HealthCheck[];
  readonly timeoutMs?: number;
}

/** What a check found. */
export interface CheckResult {
  readonly status: 'up' | 'down';
  /** Why it is down. */
  readonly reason?: string;
  /** What is worth knowing although it is up. */
  readonly detail?: string;
}

/**
 * `degraded`: something is down, and the work goes on without it. Only `unready` is answered with
 * 503.
 */
export interface Readiness {
  readonly status: 'ready' | 'degraded' | 'unready';
  readonly checks: Readonly<Record<string, CheckResult>>;
}

/**
 * Well below the patience of a probe (Kubernetes: commonly 5 s), so that the answer names what is
 * away.
 */
const CHECK_TIMEOUT_MS = 2000;

/** What the codes of a broken connection mean, in words. */
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
 * The checks of one process. Whoever looks while a look is under way shares it: a probe cannot
 * multiply the load.
 */
export class Health {
  readonly #options: HealthOptions;
  #underWay: Promise<Readiness> | undefined;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  /**
   * Runs all checks at once; one that rejects, or takes longer than its limit, counts as down.
   * Never rejects.
   */
  look(): Promise<Readiness> {
    this.#underWay ??= this.#run().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #run(): Promise<Readiness> {
    const { checks, timeoutMs = CHECK_TIMEOUT_MS } = this.#options;
    const results = new Map<string, CheckResult>();
    // Their order is the checks', whichever ends first.
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
    const isLate = error instanceof TookTooLong;
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
