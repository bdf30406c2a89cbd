import type { StackSetup } from './stack.mjs';

export declare const CLI: string;
export declare function operate(setup: StackSetup, ...args: readonly string[]): Promise<string>;
