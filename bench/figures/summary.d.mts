/** What one round of one contestant measured. */
export interface Round {
  readonly count: number;
  readonly intakeMs: number;
  readonly intakeLatenciesMs: readonly number[];
  /** From the first request until the last payment's final event is stored. */
  readonly endToEndMs: number;
  readonly storedAfterMs: readonly number[];
  readonly cpuMs: Readonly<Record<string, number>>;
}

interface Percentiles {
  readonly p50_ms: number;
  readonly p99_ms: number;
}

export declare function contestantFigures(rounds: readonly Round[]): {
  readonly intake: Percentiles & { readonly per_second: number };
  readonly end_to_end: Percentiles & {
    readonly per_second: number;
    readonly rounds_per_second: readonly number[];
  };
  readonly cpu_ms_per_payment: Readonly<Record<string, number>>;
};

export declare function ratios(
  quittance: readonly Round[],
  other: readonly Round[],
): { readonly ratio: number; readonly cpu_ratio: number };

export declare function allRatios(rounds: ReadonlyMap<string, readonly Round[]>): {
  readonly ratio: number;
  readonly cpu_ratio: number;
  readonly ratio_to_guarded?: number;
  readonly cpu_ratio_to_guarded?: number;
};

export declare function overheadFigures(calls: {
  readonly waitMs: readonly number[];
  readonly gatewayMs: readonly number[];
}): Percentiles & {
  readonly payments: number;
  readonly prefer_wait: Percentiles;
  readonly bare_gateway_call: Percentiles;
};
