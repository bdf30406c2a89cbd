// The parts of a verdict, and the facts that it is made of.
import type { DoubtTotals, WorkState } from '@quittance/persistence';

/** `good`: nothing to do. `attention`: look soon. `bad`: act now. `unknown`: it cannot be seen. */
export type Grade = 'good' | 'attention' | 'bad' | 'unknown';

/** One answer: a sentence, its reason, and the next step of a person; null when there is none. */
export interface Finding {
  readonly grade: Grade;
  readonly sentence: string;
  readonly reason: string;
  readonly next_step: string | null;
}

/** The three answers, and the worst of their grades. */
export interface Verdict {
  readonly grade: Grade;
  readonly work: Finding;
  readonly outcomes: Finding;
  readonly data: Finding;
}

/** A queue in Redis. */
export interface QueueState {
  readonly name: string;
  readonly waiting: number;
  /** Jobs that wait for their time; of a subscriber, batches that wait for another attempt. */
  readonly delayed: number;
  readonly failed: number;
  readonly is_paused: boolean;
  readonly workers: number;
  /** Age of the job that has waited longest, in seconds. */
  readonly oldest_seconds: number;
}

/** The facts of a moment. */
export interface VerdictFacts {
  /** Null while Postgres is unavailable. */
  readonly work: WorkState | null;
  readonly doubts: DoubtTotals | null;
  /** Null while Redis is unavailable. */
  readonly queues: readonly QueueState[] | null;
  readonly now: Date;
  /** The time that reading the facts took, in milliseconds. */
  readonly read_ms: number;
}

/** A wait above it needs a person, in seconds. */
export const STALLED_SECONDS = 60;

/** Returns the first finding that applies, the most urgent one first. */
export function firstOf(...findings: readonly (Finding | undefined)[]): Finding | undefined {
  return findings.find((finding) => finding !== undefined);
}

/** Returns a span of time for a person. */
export function span(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
