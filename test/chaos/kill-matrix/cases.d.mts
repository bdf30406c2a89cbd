/** One death to be survived; see cases.mjs. */
export interface KillCase {
  readonly dies: string;
  readonly in: 'api' | 'worker' | 'webhook' | 'orders' | 'operator';
  readonly flow: string;
}

export declare const CASES: readonly KillCase[];
export declare const SHORT_CASES: readonly KillCase[];
