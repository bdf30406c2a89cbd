// Checks the invariants periodically and counts violations. Constraints, fences and tests exist so
// that the count stays zero; this check detects the case that they missed.
import { Injectable } from '@nestjs/common';
import { STORED_VIOLATIONS, StoredInvariants, Terminals } from '@quittance/persistence';
import { atMost, Clock, Logger, Metrics } from '@quittance/platform';
import { LRUCache } from 'lru-cache';
import { InvariantSettings } from '../config.js';
import { GATEWAY_VIOLATIONS, GatewayAgreement } from './gateway-agreement.js';
import { QUEUE_VIOLATIONS, QueueAgreement } from './queue-agreement.js';
import type { Violation } from './violation.js';

/** Longer than an ordinary network outage: a payment that stalls for longer needs an operator. */
const STALLED_AFTER_MS = 600_000;
/** Payments that a check reads at each end of the table: about 100 ms of one connection. */
const SLICE = 2_000;
/** Violations remembered as already counted. */
const REMEMBERED_MAX = 10_000;
/** Subjects of each kind that one check names in the log. */
const LOGGED_MAX = 20;

@Injectable()
export class InvariantCheck {
  readonly #violations;
  readonly #lastCheck;
  readonly #counted = new LRUCache<string, true>(atMost(REMEMBERED_MAX));

  constructor(
    private readonly stored: StoredInvariants,
    private readonly queues: QueueAgreement,
    private readonly gateway: GatewayAgreement,
    private readonly terminals: Terminals,
    private readonly clock: Clock,
    private readonly log: Logger,
    private readonly settings: InvariantSettings,
    metrics: Metrics,
  ) {
    this.#violations = metrics.counter({
      name: 'invariant_violations_total',
      help: 'Violated invariants found by the periodic check; each is counted once per process.',
      labels: { kind: [...STORED_VIOLATIONS, ...QUEUE_VIOLATIONS, ...GATEWAY_VIOLATIONS] },
    });
    this.#lastCheck = metrics.gauge({
      name: 'invariants_checked_timestamp_seconds',
      help: 'Unix time of the last complete check; 0 before the first.',
    });
  }

  /**
   * Runs every check once and counts the violations found. When some checks fail, the others still
   * count, and the call rejects with the first failure.
   */
  async check(): Promise<void> {
    const now = this.clock.now();
    const slice = { limit: SLICE, stalledBefore: new Date(now.getTime() - STALLED_AFTER_MS) };
    const payments = this.#storedPayments(slice);
    const checks = await Promise.allSettled([
      payments.then(({ violations }) => violations),
      this.stored.stuckMessages(slice).then((found) => found.map(asViolation)),
      this.stored.auditTail().then(auditViolation),
      this.terminals.lanes().then((lanes) => this.queues.find(lanes)),
      payments.then(({ ended }) => this.gateway.find(ended, this.settings.gatewaySample)),
    ]);
    this.#count(checks.flatMap((check) => (check.status === 'fulfilled' ? check.value : [])));
    const failure = checks.find((check) => check.status === 'rejected');
    if (failure) throw failure.reason;
    this.#lastCheck.set(now.getTime() / 1000);
  }

  async #storedPayments(slice: Parameters<StoredInvariants['newest']>[0]) {
    const [newest, next] = [await this.stored.newest(slice), await this.stored.next(slice)];
    return {
      violations: [...newest.violations, ...next.violations].map(asViolation),
      ended: [...new Set([...newest.ended, ...next.ended])],
    };
  }

  #count(violations: readonly Violation[]): void {
    for (const kind of new Set(violations.map((violation) => violation.kind))) {
      const subjects = violations.filter((found) => found.kind === kind && this.#isNews(found));
      if (subjects.length === 0) continue;
      this.#violations.inc({ kind }, subjects.length);
      const named = subjects.slice(0, LOGGED_MAX).map(({ subject }) => subject);
      const words = { kind, count: subjects.length, subjects: named };
      this.log.error(words, 'an invariant is violated');
    }
  }

  #isNews({ kind, subject }: Violation): boolean {
    const name = `${kind} ${subject}`;
    if (this.#counted.has(name)) return false;
    this.#counted.set(name, true);
    return true;
  }
}

/** `problem` names the audited action that breaks the chain. */
function auditViolation(problem: string | undefined): Violation[] {
  return problem === undefined ? [] : [{ kind: 'audit_broken', subject: problem }];
}

function asViolation({ kind, paymentId }: { kind: string; paymentId: string }): Violation {
  return { kind, subject: paymentId };
}
