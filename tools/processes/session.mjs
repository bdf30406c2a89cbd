// Everything one command has started, so that it can end exactly that, in reverse order, whatever happens.
import { spawn } from 'node:child_process';
import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Problem } from '../terminal/problem.mjs';
import { processIdentity } from './identity.mjs';
import { newRecordPath, writeRecord } from './leftovers.mjs';

const WATCHDOG = fileURLToPath(new URL('watchdog.mjs', import.meta.url));
const STOP_LIMIT_MS = 10_000;
const LOG_KEPT_BYTES = 20 * 1024 * 1024;

/** Opens a log for appending; one that has grown too long starts anew. */
function openLog(path) {
  const tooLong = (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LOG_KEPT_BYTES;
  return openSync(path, tooLong ? 'w' : 'a');
}

/** The processes and temporary folders of one command. */
export class Session {
  #children = [];
  #folders = [];
  #record = newRecordPath();
  #watchdog;
  #stopping;

  /**
   * Starts a process in a session of its own: Ctrl-C at the terminal reaches only the command, which then stops the others
   * in order.
   * @param {string} name
   * @param {string} command
   * @param {string[]} args
   * @param {{ logFile?: string, input?: string, env?: object, cwd?: string, uid?: number, gid?: number, stopSignal?: string, stopLimitMs?: number }} options
   *   `logFile` takes both outputs (default: the terminal's)
   * @returns {{ name: string, pid: number, exited: Promise<{ code: number | null, signal: string | null }>, stop: () => Promise<void>, kill: () => Promise<void> }}
   */
  spawn(name, command, args, options = {}) {
    if (this.#stopping) throw new Problem('stopping');
    this.#watchdog ??= this.#startWatchdog();
    const {
      logFile,
      input,
      stopSignal = 'SIGTERM',
      stopLimitMs = STOP_LIMIT_MS,
      ...rest
    } = options;
    const output = logFile === undefined ? 'inherit' : openLog(logFile);
    const stdio = [input === undefined ? 'ignore' : 'pipe', output, output];
    const child = spawn(command, args, { ...rest, stdio, detached: true });
    if (logFile !== undefined) closeSync(output);
    if (input !== undefined) child.stdin.end(input);
    return this.#keep(child, { name, stopSignal, stopLimitMs });
  }

  /** Names a folder that goes when the command ends. */
  removeAtEnd(folder) {
    this.#folders.push(folder);
    this.#write();
  }

  /** Stops everything, the last started first. Safe to call twice. */
  stop() {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  /** Ends everything at once, without asking. */
  killAll() {
    for (const child of this.#children) void child.kill();
  }

  async #stopAll() {
    for (const child of this.#children.toReversed()) await child.stop();
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
    rmSync(this.#record, { force: true });
    this.#watchdog?.stdin.end();
  }

  #keep(child, { name, stopSignal, stopLimitMs }) {
    const exited = new Promise((resolve) => {
      child.once('error', (error) => resolve({ code: null, signal: null, error }));
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    const endBy = async (firstSignal) => {
      child.kill(firstSignal);
      const force = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
      await exited;
      clearTimeout(force);
    };
    const kept = {
      name,
      pid: child.pid,
      exited,
      stop: () => endBy(stopSignal),
      kill: () => endBy('SIGKILL'),
    };
    if (child.pid === undefined) return kept;
    kept.record = {
      name,
      pid: child.pid,
      identity: processIdentity(child.pid),
      stopSignal,
      stopLimitMs,
    };
    this.#children.push(kept);
    this.#write();
    void exited.then(() => {
      this.#children.splice(this.#children.indexOf(kept), 1);
      if (!this.#stopping) this.#write();
    });
    return kept;
  }

  #write() {
    writeRecord(this.#record, {
      children: this.#children.map((child) => child.record),
      folders: this.#folders,
    });
  }

  #startWatchdog() {
    const stdio = ['pipe', 'ignore', 'ignore'];
    const watchdog = spawn(process.execPath, [WATCHDOG, String(process.pid), this.#record], {
      stdio,
      detached: true,
    });
    watchdog.stdin.on('error', () => {});
    watchdog.unref();
    watchdog.stdin.unref?.();
    return watchdog;
  }
}
