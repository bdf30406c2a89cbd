// Retries and discards failed jobs: all that match what the operator has counted. The queues are in
// Redis, so the audit commits first and the queue changes after it, as in a replay of events. A job
// is only a hint: a payment's next step is due in Postgres, and an event stays there for a replay.
import { act, type OperatorSession } from '../act.js';
import { OperatorError } from '../operator-error.js';
import { type FourEyes, needsSecondForNumber } from '../proposals.js';

/** The failed jobs that were counted: those of a reason, up to an instant. */
export interface JobSelection {
  /** Undefined selects every reason. */
  readonly reason: string | undefined;
  readonly until: Date;
}

/** The failed set of a queue. */
export interface FailedJobSet {
  count(selection: JobSelection): Promise<number>;
  /** Returns the number of jobs that changed. */
  retry(selection: JobSelection): Promise<number>;
  discard(selection: JobSelection): Promise<number>;
}

/** A queue, and the rules for its failed jobs. */
export interface FailedQueue {
  readonly name: string;
  /** `published`: of other services. `events`: of a subscriber. */
  readonly holds: 'jobs' | 'events' | 'published';
  readonly failed: FailedJobSet;
}

/** The count that the operator confirms. */
export interface ConfirmedJobs extends JobSelection {
  readonly action: 'retry' | 'discard';
  /** The jobs that matched when the operator counted them. */
  readonly count: number;
}

/**
 * Retries or discards the counted jobs, and returns how many changed: fewer when some left the
 * failed set meanwhile, none when it is repeated. Throws {@link OperatorError} when more match than
 * were counted, or an operator alone may not.
 */
export async function changeFailedJobs(
  operator: OperatorSession & { readonly fourEyes: FourEyes },
  { name, holds, failed }: FailedQueue,
  { action, count, ...selection }: ConfirmedJobs,
): Promise<number> {
  if (holds === 'published') {
    throw new OperatorError(
      `The jobs of ${name} belong to their publishers, who read the refusal and publish again.`,
    );
  }
  const matching = await failed.count(selection);
  if (matching > count) {
    throw new OperatorError(`${matching} jobs match now, and ${count} were counted. Count again.`);
  }
  if (matching === 0) return 0;
  let changed = 0;
  await act(operator, {}, (acting) => {
    if (holds === 'events' && needsSecondForNumber(operator, acting, matching)) {
      throw new OperatorError(
        'These are more entries than one operator may change (FOUR_EYES_BULK_ABOVE). "events replay" proposes a replay to a second operator.',
      );
    }
    acting.audit({
      action: action === 'retry' ? 'queues retry' : 'queues discard',
      subject: { kind: 'queue', id: name },
      before: { failed: matching },
      after: { reason: selection.reason ?? null, until: selection.until },
    });
    acting.afterCommit(async () => {
      changed = await failed[action](selection);
    });
    return Promise.resolve();
  });
  return changed;
}
