// Everything that one command has started, so that it can end exactly that, in reverse order,
// whatever happens.
import { spawn, type ChildProcess, type SpawnOptions, type StdioOptions } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, statSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeJson } from '../json.mjs';
import { dataPath } from '../place.mjs';
import { Problem } from '../terminal/problem.mjs';
import { proofOf } from './identity.mjs';
import { endProcess, endRecorded, type Leftovers, type RecordedProcess } from './leftovers.mjs';

const WATCHDOG = fileURLToPath(new URL('watchdog.mjs', import.meta.url));
const STOP_LIMIT_MS = 10_000;
const LOG_LIMIT_BYTES = 20 * 1024 * 1024;

/** The end of a process; `code` is null if a signal ended it, or if it could not be started. */
type ProcessEnd = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** A process of a session. */
export interface StartedProcess {
  readonly name: string;
  /** NaN if it could not be started. */
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
  readonly #record = join(dataPath('run'), `${process.pid}-${randomUUID()}.json`);
  readonly #children = new Map<ChildProcess, RecordedProcess>();
  readonly #folders: string[] = [];
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
    const { logFile, stopSignal = 'SIGTERM', stopLimitMs = STOP_LIMIT_MS, ...rest } = options;
    if (this.#stopping) throw new Problem('stopping');
    this.#watchdog ??= this.#startWatchdog();
    const output = logFile === undefined ? 'inherit' : openLog(logFile);
    const stdio: StdioOptions = ['ignore', output, output];
    const child = spawn(command, args, { ...rest, stdio, detached: true });
    if (typeof output === 'number') closeSync(output);
    const exited = new Promise<ProcessEnd>((resolve) => {
      child.once('error', () => resolve({ code: null, signal: null }));
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    const recorded = { name, ...proofOf(child.pid ?? Number.NaN), stopSignal, stopLimitMs };
    this.#children.set(child, recorded);
    this.#write();
    void exited.then(() => {
      this.#children.delete(child);
      this.#write();
    });
    const ended = exited.then(() => {});
    return {
      name,
      pid: recorded.pid,
      exited,
      stop: () => endProcess(recorded).then(() => ended),
      kill: () => {
        child.kill('SIGKILL');
        return ended;
      },
    };
  }

  /** A new folder for `name`, which goes when the command ends. */
  temporaryFolder(name: string): string {
    const folder = mkdtempSync(join(dataPath('test'), `${name}-`));
    this.removeAtEnd(folder);
    return folder;
  }

  /** Names a folder that goes when the command ends. */
  removeAtEnd(folder: string): void {
    this.#folders.push(folder);
    this.#write();
  }

  /** Stops everything, the last started first. Safe to call twice. */
  stop(): Promise<void> {
    this.#stopping ??= endRecorded(this.#record, this.#content()).then(
      () => void this.#watchdog?.stdin?.end(),
    );
    return this.#stopping;
  }

  /** Ends everything at once, without asking. */
  killAll(): void {
    for (const child of this.#children.keys()) child.kill('SIGKILL');
  }

  #content(): Leftovers {
    const children = [...this.#children.values()];
    return { owner: proofOf(process.pid), children, folders: this.#folders };
  }

  #write(): void {
    if (!this.#stopping) writeJson(this.#record, this.#content());
  }

  #startWatchdog(): ChildProcess {
    const stdio: StdioOptions = ['pipe', 'ignore', 'ignore'];
    const watchdog = spawn(process.execPath, [WATCHDOG, this.#record], { stdio, detached: true });
    watchdog.stdin?.on('error', () => {});
    watchdog.unref();
    // A pipe to a process is a socket, whatever its type says.
    (watchdog.stdin as Socket).unref();
    return watchdog;
  }
}
