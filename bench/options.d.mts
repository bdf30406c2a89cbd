export declare const USAGE: string;

export declare function readOptions(args: readonly string[]): {
  readonly help: boolean;
  readonly json: boolean;
  readonly guarded: boolean;
  readonly profile: readonly string[];
  readonly payments: number;
  readonly connections: number;
  readonly rounds: number;
  readonly warmUp: number;
  readonly calls: number;
};
