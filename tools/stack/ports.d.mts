import type { AppName } from './stack.mjs';

export declare function usualPorts(
  env?: Readonly<Record<string, string | undefined>>,
): Promise<Record<AppName, number>>;
export declare function anyPorts(): Promise<Record<AppName, number>>;
