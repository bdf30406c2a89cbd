// Looks again and again whether what must always be true still is, and counts what is not.
// Constraints, fences and tests are there so that this stays at zero; it is for the day on which
// they did not suffice.
import { Injectable } from '@nestjs/common';
import { STORED_VIOLATIONS, StoredInvariants, Terminals } from '@quittance/persistence';
import { Clock, Logger, Metrics } from '@quittance/platform';
import { LRUCache } from 'lru-cache';
import { InvariantSettings } from '../config.js';
import { GATEWAY_VIOLATIONS, GatewayAgreement } from './gateway-agreement.js';
import { QUEUE_VIOLATIONS, QueueAgreement } from './queue-agreement.js';
import type { Violation } from './violation.js';

/**
 * Longer than any outage that is nobody's fault but the network's: what stands still for longer
 * needs a person.
 */
const STALLED_AFTER_MS = 600_000;
/** Payments a look reads at each end: some 100 ms of one connection. */
const SLICE = 2_000;
/** Violations that are remembered as counted. */
const REMEMBERED_MAX = 10_000;
/** Of each kind, so many are named in the log of a look. */
const LOGGED_MAX = 20;

@Injectable()
export class InvariantCheck {
  readonly #violations;
  readonly #lastCheck;
  readonly #counted = new LRUCache<string, true>({ max: REMEMBERED_MAX });

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
      help: 'Things that must never be, found by the periodic check; each is counted once per process.',
      labels: ['kind'],
    });
    this.#lastCheck = metrics.gauge({
      name: 'invariants_checked_at_seconds',
      help: 'When the check last looked at everything, as Unix time; 0 before the first time.',
    });
    for (const kind of [...STORED_VIOLATIONS, ...QUEUE_VIOLATIONS, ...GATEWAY_VIOLATIONS])
      this.#violations.inc({ kind }, 0);
  }

  /**
   * One look. What could be looked at is counted even when the rest fails; then it rejects with the
   * first failure.
   */
  async check(): Promise<void> {
    const now = this.clock.now();
    const slice = { limit: SLICE, stalledBefore: new Date(now.getTime() - STALLED_AFTER_MS) };
    const payments = this.#storedPayments(slice);
    const looks = await Promise.allSettled([
      payments.then(({ violations }) => violations),
      this.stored.stuckMessages(slice).then((found) => found.map(asViolation)),
      this.stored.auditTail().then(auditViolation),
      this.terminals.lanes().then((lanes) => this.queues.find(lanes)),
      payments.then(({ ended }) => this.gateway.find(ended, this.settings.gatewaySample)),
    ]);
    this.#count(looks.flatMap((look) => (look.status === 'fulfilled' ? look.value : [])));
    const failure = looks.find((look) => look.status === 'rejected');
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

/** The words name the action that does not fit. */
function auditViolation(problem: string | undefined): Violation[] {
  return problem === undefined ? [] : [{ kind: 'audit_broken', subject: problem }];
}

function asViolation({ kind, paymentId }: { kind: string; paymentId: string }): Violation {
  return { kind, subject: paymentId };
}
