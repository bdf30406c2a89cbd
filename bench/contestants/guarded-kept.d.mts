export interface KeptCounts {
  readonly payments: number;
  readonly events: number;
  /** Payments with four events, and with three: those whose callback overtook the reply. */
  readonly told_in_four: number;
  readonly told_in_three: number;
  readonly attempts: number;
  readonly callbacks: number;
  readonly inbox_rows: number;
  readonly not_succeeded: number;
  readonly with_gaps: number;
  readonly with_card: number;
  readonly open_attempts: number;
  readonly untold: number;
  readonly with_other_order: number;
}

export declare function brokenPromises(counts: KeptCounts): (keyof KeptCounts)[];
export declare function readKept(url: string): Promise<KeptCounts>;
