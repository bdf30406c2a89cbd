// Everything that one command has started, so that it can end exactly that, in reverse order,
// whatever happens.
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { writeJson } from '../json.mjs';
import { Problem } from '../terminal/problem.mjs';
import { proofOf } from './identity.mjs';
import { endProcess, newRecord, type Leftovers, type RecordedProcess } from './leftovers.mjs';

const WATCHDOG = fileURLToPath(new URL('watchdog.mjs', import.meta.url));
const STOP_LIMIT_MS = 10_000;
const LOG_LIMIT_BYTES = 20 * 1024 * 1024;

/** The end of a process; `code` is null if a signal ended it, or if it could not be started. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly error?: Error;
}

/** A process of a session. */
export interface StartedProcess {
  readonly name: string;
  /** NaN if it could not be started; `exited` says why. */
  readonly pid: number;
  readonly exited: Promise<ProcessEnd>;
  /** Asks it to end, and insists after its limit. */
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
}

/** Options of a start. */
export interface StartOptions extends Pick<SpawnOptions, 'env' | 'cwd' | 'uid' | 'gid'> {
  /** Takes both outputs; by default they are the terminal's. */
  readonly logFile?: string;
  /** Written to its standard input. */
  readonly input?: string;
  readonly stopSignal?: NodeJS.Signals;
  readonly stopLimitMs?: number;
}

/** Opens a log for appending; one that has grown too long starts again from nothing. */
function openLog(path: string): number {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return openSync(path, size > LOG_LIMIT_BYTES ? 'w' : 'a');
}

/** The processes and temporary folders of one command. */
export class Session {
  readonly #children = new Map<StartedProcess, RecordedProcess>();
  readonly #folders: string[] = [];
  readonly #record = newRecord();
  #watchdog: ChildProcess | undefined;
  #stopping: Promise<void> | undefined;

  /**
   * Starts a process in a session of its own: Ctrl-C at the terminal reaches only the command,
   * which then stops the others in order.
   */
  spawn(
    name: string,
    command: string,
    args: readonly string[],
    options: StartOptions = {},
  ): StartedProcess {
    if (this.#stopping) throw new Problem('stopping');
    this.#watchdog ??= this.#startWatchdog();
    const { logFile, input, ...rest } = options;
    const { stopSignal = 'SIGTERM', stopLimitMs = STOP_LIMIT_MS } = options;
    const output = logFile === undefined ? 'inherit' : openLog(logFile);
    const child = spawn(command, args, {
      ...rest,
      stdio: [input === undefined ? 'ignore' : 'pipe', output, output],
      detached: true,
    });
    if (typeof output === 'number') closeSync(output);
    child.stdin?.end(input);
    const exited = new Promise<ProcessEnd>((resolve) => {
      child.once('error', (error) => resolve({ code: null, signal: null, error }));
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    const record = { name, ...proofOf(child.pid ?? Number.NaN), stopSignal, stopLimitMs };
    const started = {
      name,
      pid: record.pid,
      exited,
      stop: async () => {
        await endProcess(record);
        await exited;
      },
      kill: async () => {
        child.kill('SIGKILL');
        await exited;
      },
    };
    this.#children.set(started, record);
    this.#write();
    void exited.then(() => {
      this.#children.delete(started);
      if (!this.#stopping) this.#write();
    });
    return started;
  }

  /** Names a folder that goes when the command ends. */
  removeAtEnd(folder: string): void {
    this.#folders.push(folder);
    this.#write();
  }

  /** Stops everything, the last started first. Safe to call twice. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  /** Ends everything at once, without asking. */
  killAll(): void {
    for (const child of this.#children.keys()) void child.kill();
  }

  async #stopAll(): Promise<void> {
    for (const child of [...this.#children.keys()].toReversed()) await child.stop();
    for (const folder of [...this.#folders, this.#record])
      rmSync(folder, { recursive: true, force: true });
    this.#watchdog?.stdin?.end();
  }

  #write(): void {
    const content: Leftovers = {
      owner: proofOf(process.pid),
      children: [...this.#children.values()],
      folders: this.#folders,
    };
    writeJson(this.#record, content);
  }

  #startWatchdog(): ChildProcess {
    const watchdog = spawn(process.execPath, [WATCHDOG, String(process.pid), this.#record], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    watchdog.stdin.on('error', () => {});
    watchdog.unref();
    // A pipe to a process is a socket, whatever its type says.
    (watchdog.stdin as Socket).unref();
    return watchdog;
  }
}
