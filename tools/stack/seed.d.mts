import type { TerminalWithKeys } from './keys.mjs';
import type { Stack, StackSetup } from './stack.mjs';

/** The demo merchant with its keys in clear. */
export interface SeededMerchant {
  readonly merchant: string;
  readonly apiKey: string;
  readonly opsKey: string;
  readonly made: boolean;
}

export declare function seedMerchant(options: {
  readonly setup: StackSetup;
  readonly urls: Stack['urls'];
  readonly terminals: readonly TerminalWithKeys[];
  readonly file: string;
}): Promise<SeededMerchant>;

export declare function registerTerminals(options: {
  readonly sandboxUrl: string;
  readonly merchant: string;
  readonly terminals: readonly TerminalWithKeys[];
}): Promise<void>;
