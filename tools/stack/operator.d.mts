import type { StackSetup } from './stack.mjs';

export declare const CLI: string;
export declare const CLI_RUN: string;
export declare function operate(
  setup: StackSetup,
  commands: readonly (readonly string[])[],
): Promise<string[]>;
