import type { AppName } from './stack.mjs';

/** An app as data; `keySet` names its file below the key folder. */
export interface App {
  readonly name: AppName;
  readonly portVariable: string;
  readonly port: number;
  readonly settings: readonly string[];
  readonly keySet?: string;
}

export declare const APPS: readonly App[];
