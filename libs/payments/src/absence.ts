// When "not found" is an answer (docs/gateway.md): a terminal has opted in, every probe since the
// request can no longer have been under way has said so, and that for as long as the terminal asks.
import type { InquiryAnswer } from './evidence.js';

/** One question about a payment in doubt. */
export interface AskedOnce {
  readonly askedAt: Date;
  /**
   * Only the existence probe can prove an absence (protocol §11): a look-up that finds nothing may
   * not be able to look.
   */
  readonly isProbe: boolean;
  readonly answer: InquiryAnswer['kind'];
}

/** What {@link absenceCounts} judges by. */
export interface AbsenceCase {
  /** Oldest first, the present question last. */
  readonly asked: readonly AskedOnce[];
  /** When the reply to the last attempt was due; unknown means that no absence counts. */
  readonly replyDueAt: Date | null;
  /** The terminal's patience, in milliseconds; null where it has not opted in. */
  readonly absentAfterMs: number | null;
}

/**
 * The gateway may still be working on what it took at the last moment, and two hosts' clocks
 * differ.
 */
export const ABSENCE_SLACK_MS = 300_000;
/** One "not found" may be a gateway just restored from a backup; a few over hours are not. */
export const ABSENCES_AT_LEAST = 3;

/**
 * Whether the payment counts as never arrived. Questions asked before the grace is over say
 * nothing. Not being answered neither proves nor disproves; any other answer begins the patience
 * anew.
 */
export function absenceCounts({ asked, replyDueAt, absentAfterMs }: AbsenceCase): boolean {
  if (replyDueAt === null || absentAfterMs === null) return false;
  const countsFrom = replyDueAt.getTime() + ABSENCE_SLACK_MS;
  const telling = asked.filter(
    ({ askedAt, answer }) => askedAt.getTime() >= countsFrom && answer !== 'unanswered',
  );
  const lastOther = telling.findLastIndex((once) => !saysAbsent(once));
  const absences = telling.slice(lastOther + 1);
  const [first, last] = [absences[0], absences.at(-1)];
  if (!first || !last || absences.length < ABSENCES_AT_LEAST) return false;
  return last.askedAt.getTime() - first.askedAt.getTime() >= absentAfterMs;
}

function saysAbsent({ isProbe, answer }: AskedOnce): boolean {
  return isProbe && (answer === 'notFound' || answer === 'absent');
}
