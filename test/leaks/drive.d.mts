import type { Place } from './search.mjs';

export interface CanaryCard {
  readonly name: string;
  readonly number: string;
  readonly cvv: string;
}

/** A running stack, as far as the scan for leaks looks at it. */
export interface TalkativeStack {
  readonly apiKey: string;
  readonly opsKey: string;
  readonly terminals: readonly { readonly name: string; readonly privateKey: string }[];
  readonly setup: {
    readonly keyFolder: string;
    readonly logFolder: string;
    readonly databaseUrl: string;
  };
  readonly servers: {
    readonly redis: { command(name: string, ...args: readonly string[]): Promise<unknown> };
  };
  process(name: string): { readonly pid: number };
  query(sql: string, values?: readonly unknown[]): Promise<readonly unknown[]>;
}

export declare class Driver {
  constructor(stack: TalkativeStack);
  readonly answers: readonly Place[];
  gateway(card: CanaryCard): Promise<readonly string[]>;
  mistakes(card: CanaryCard): Promise<readonly number[]>;
  crashes(card: CanaryCard): Promise<void>;
  outages(card: CanaryCard): Promise<void>;
}
