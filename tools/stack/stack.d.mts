import type { ProcessEnd, Session, StartedProcess } from '../processes/session.mjs';

export type AppName = 'api' | 'orders' | 'sandbox' | 'webhook' | 'worker';

/** How an app is run; `env` goes over what its place in the stack says. */
export interface AppProgram {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Where the apps listen, what they work with, and where they log. `extra` goes into every app's environment. */
export interface StackSetup {
  readonly ports: Readonly<Record<AppName, number>>;
  readonly databaseUrl: string;
  readonly ordersDatabaseUrl: string;
  readonly redisUrl: string;
  readonly keyFolder: string;
  readonly logFolder: string;
  readonly ledgerFile?: string;
  readonly extra?: Readonly<Record<string, string>>;
  /** Over what is the same for all apps. */
  readonly envOf?: (name: AppName, setup: StackSetup) => Readonly<Record<string, string>>;
  /** Default: the programs of this clone's `dist/`. */
  readonly programOf?: (name: AppName, setup: StackSetup) => AppProgram;
}

export declare class Stack {
  constructor(session: Session, setup: StackSetup);
  readonly urls: Readonly<Record<AppName, string>>;
  process(name: AppName): StartedProcess | undefined;
  launch(name: AppName, extra?: Readonly<Record<string, string>>): StartedProcess;
  untilReady(name: AppName): Promise<void>;
  logFile(name: AppName): string;
  stop(): Promise<void>;
  untilOneEnds(): Promise<never>;
}

export declare function startStack(session: Session, setup: StackSetup): Promise<Stack>;
export type { ProcessEnd, StartedProcess };
