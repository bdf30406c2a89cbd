/** The parts of a V8 CPU profile that are read. Times are microseconds. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly children?: readonly number[];
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
    };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface Share {
  readonly name: string;
  readonly ms: number;
  readonly share: number;
}

export declare function hotFunctions(
  profiles: readonly CpuProfile[],
  count: number,
): {
  readonly busyMs: number;
  readonly functions: readonly Share[];
  readonly owners: readonly Share[];
};
