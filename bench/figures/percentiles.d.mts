export declare function percentile(values: readonly number[], percent: number): number;
export declare function median(values: readonly number[]): number;
export declare function rounded(value: number, digits?: number): number;
export declare function p50AndP99(valuesMs: readonly number[]): {
  readonly p50_ms: number;
  readonly p99_ms: number;
};
