// Changes of a lane: its limits, its pause and its end. Workers apply them within two seconds; a
// pause holds for every submission that starts after its commit.
import { type ChangeableLane, lockLane } from '@quittance/persistence';
import { act, type ActionContext, type OperatorSession } from '../act.js';
import { checkEvidence } from '../evidence.js';
import { OperatorError } from '../operator-error.js';

/** The limits of a lane; null removes one, a missing one stays. */
export interface LaneLimits {
  /** Most submissions in flight. */
  readonly concurrency?: number | null;
  /** Most submissions that start in a second. */
  readonly ratePerSecond?: number | null;
}

/** Changes the limits of a lane. Throws {@link OperatorError} when there is no such lane. */
export function setLane(session: OperatorSession, name: string, limits: LaneLimits): Promise<void> {
  return act(session, {}, async ({ tx, at, audit }) => {
    const before = await lockedLane(tx, name, at);
    const {
      concurrency = before.concurrency,
      ratePerSecond: rate_per_second = before.rate_per_second,
    } = limits;
    await tx.lane.update({
      where: { name },
      data: { concurrency, ratePerSecond: rate_per_second, updatedAt: at },
    });
    audit({
      action: 'lanes set',
      subject: { kind: 'lane', id: name },
      before: { concurrency: before.concurrency, rate_per_second: before.rate_per_second },
      after: { concurrency, rate_per_second },
    });
  });
}

/**
 * Pauses a lane; its payments stay queued. Throws {@link OperatorError} when there is no such lane
 * or it is already paused.
 */
export function pauseLane(session: OperatorSession, name: string, text: string): Promise<void> {
  const reason = checkEvidence(text, '--reason');
  // The audit shows the reason, unless --why gives another one.
  const stated = session.why === undefined ? { evidence: reason } : {};
  return act(session, stated, async ({ tx, at, who, audit }) => {
    const { paused_reason: before } = await lockedLane(tx, name, at);
    if (before !== null) throw new OperatorError(`It is already paused: ${before}`);
    await tx.lane.update({
      where: { name },
      data: { pausedAt: at, pausedReason: reason, pausedBy: who, updatedAt: at },
    });
    audit({
      action: 'lanes pause',
      subject: { kind: 'lane', id: name },
      before: { paused_reason: null },
      after: { paused_reason: reason },
    });
  });
}

/** Resumes a lane. Throws {@link OperatorError} when there is no such lane or it is not paused. */
export function resumeLane(session: OperatorSession, name: string): Promise<void> {
  return act(session, {}, async ({ tx, at, audit }) => {
    const { paused_reason: before } = await lockedLane(tx, name, at);
    if (before === null) throw new OperatorError('It is not paused.');
    await tx.lane.update({
      where: { name },
      data: { pausedAt: null, pausedReason: null, pausedBy: null, updatedAt: at },
    });
    audit({
      action: 'lanes resume',
      subject: { kind: 'lane', id: name },
      before: { paused_reason: before },
      after: { paused_reason: null },
    });
  });
}

async function lockedLane(
  tx: ActionContext['tx'],
  name: string,
  at: Date,
): Promise<ChangeableLane> {
  const lane = await lockLane(tx, name, at);
  if (lane) return lane;
  throw new OperatorError(`No terminal uses a lane "${name}"; see "lanes list".`);
}
