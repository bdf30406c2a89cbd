// Decides when "not found" proves that a payment never arrived (docs/gateway.md): the terminal has
// opted in, and since the request can no longer be in flight every probe has said "not found" for
// as long as the terminal's policy requires.
import type { InquiryAnswer } from './evidence.js';

/** One inquiry about a payment in doubt. */
export interface PastInquiry {
  readonly askedAt: Date;
  /**
   * True for the existence probe, the only inquiry that can prove an absence (protocol §11). A
   * look-up that finds nothing may be unable to look.
   */
  readonly isProbe: boolean;
  readonly answer: InquiryAnswer['kind'];
}

/** The input of {@link absenceCounts}. */
export interface AbsenceCase {
  /** The inquiries so far, oldest first, the present one last. */
  readonly asked: readonly PastInquiry[];
  /** When the reply to the last attempt was due. No absence counts while it is unknown. */
  readonly replyDueAt: Date | null;
  /** The time the absence must last, in milliseconds; null if the terminal has not opted in. */
  readonly absentAfterMs: number | null;
}

/**
 * The gateway may still be processing a request that it took at the last moment, and the clocks of
 * two hosts differ.
 */
export const ABSENCE_SLACK_MS = 300_000;
/**
 * One "not found" may come from a gateway just restored from a backup; several over hours do not.
 */
export const ABSENCES_AT_LEAST = 3;

/**
 * True when the payment counts as never arrived. Inquiries before the end of the grace period are
 * ignored. An unanswered inquiry neither proves nor disproves anything; any other answer restarts
 * the required time.
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

function saysAbsent({ isProbe, answer }: PastInquiry): boolean {
  return isProbe && (answer === 'notFound' || answer === 'absent');
}
