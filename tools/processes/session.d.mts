/** How a process ended; `code` is null when a signal ended it. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A process somebody started. */
export interface StartedProcess {
  readonly name: string;
  readonly pid: number;
  readonly exited: Promise<ProcessEnd>;
  /** Asks it to end, and insists after its limit. */
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
}

/** Where output goes and how the process is ended; the rest is handed to `child_process.spawn`. */
export interface StartOptions {
  readonly logFile?: string;
  readonly input?: string;
  readonly stopSignal?: string;
  readonly stopLimitMs?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

/** The processes and temporary folders of one command or one test file. */
export declare class Session {
  spawn(
    name: string,
    command: string,
    args: readonly string[],
    options?: StartOptions,
  ): StartedProcess;
  removeAtEnd(folder: string): void;
  stop(): Promise<void>;
  killAll(): void;
}
