// Everything one command has started, so that it can end exactly that, in reverse order, whatever
// happens.
import { spawn } from 'node:child_process';
import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Problem } from '../terminal/problem.mjs';
import { processIdentity } from './identity.mjs';
import { newRecordPath, writeRecord } from './leftovers.mjs';

const WATCHDOG = fileURLToPath(new URL('watchdog.mjs', import.meta.url));
const STOP_LIMIT_MS = 10_000;
const LOG_KEPT_BYTES = 20 * 1024 * 1024;

/**
 * How a process ended; `code` is null when a signal ended it, or when it could not be started.
 * @typedef {{ readonly code: number | null, readonly signal: NodeJS.Signals | null, readonly error?: Error }} ProcessEnd
 */

/**
 * A process of a session. `stop` asks it to end, and insists after its limit; `kill` ends it as a crash would.
 * @typedef {object} StartedProcess
 * @property {string} name
 * @property {number} pid
 * @property {Promise<ProcessEnd>} exited
 * @property {() => Promise<void>} stop
 * @property {() => Promise<void>} kill
 */

/**
 * `logFile` takes both outputs (default: the terminal's); the rest is handed to `child_process.spawn`.
 * @typedef {object} StartOptions
 * @property {string} [logFile]
 * @property {string} [input] written to its standard input
 * @property {NodeJS.Signals} [stopSignal]
 * @property {number} [stopLimitMs]
 * @property {Readonly<Record<string, string | undefined>>} [env]
 * @property {string} [cwd]
 * @property {number} [uid]
 * @property {number} [gid]
 */

/**
 * @typedef {StartedProcess & { record: import('./leftovers.mjs').RecordedProcess }} RunningProcess
 */

/**
 * Opens a log for appending; one that has grown too long starts again from nothing.
 * @param {string} path
 */
function openLog(path) {
  const tooLong = (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LOG_KEPT_BYTES;
  return openSync(path, tooLong ? 'w' : 'a');
}

/** The processes and temporary folders of one command. */
export class Session {
  /** @type {RunningProcess[]} */
  #children = [];
  /** @type {string[]} */
  #folders = [];
  #record = newRecordPath();
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #watchdog;
  /** @type {Promise<void> | undefined} */
  #stopping;

  /**
   * Starts a process in a session of its own: Ctrl-C at the terminal reaches only the command, which then stops the others
   * in order.
   * @param {string} name
   * @param {string} command
   * @param {readonly string[]} args
   * @param {StartOptions} options
   * @returns {StartedProcess}
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
    const child = spawn(command, args, {
      ...rest,
      stdio: [input === undefined ? 'ignore' : 'pipe', output, output],
      detached: true,
    });
    if (typeof output === 'number') closeSync(output);
    child.stdin?.end(input);
    return this.#keep(child, { name, stopSignal, stopLimitMs });
  }

  /**
   * Names a folder that goes when the command ends.
   * @param {string} folder
   */
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
    this.#watchdog?.stdin?.end();
  }

  /**
   * @param {import('node:child_process').ChildProcess} child
   * @param {{ name: string, stopSignal: NodeJS.Signals, stopLimitMs: number }} options
   * @returns {StartedProcess}
   */
  #keep(child, { name, stopSignal, stopLimitMs }) {
    /** @type {Promise<ProcessEnd>} */
    const exited = new Promise((resolve) => {
      child.once('error', (error) => resolve({ code: null, signal: null, error }));
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    /** @param {NodeJS.Signals} firstSignal */
    const endBy = async (firstSignal) => {
      child.kill(firstSignal);
      const force = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
      await exited;
      clearTimeout(force);
    };
    const { pid } = child;
    const stop = () => endBy(stopSignal);
    const kill = () => endBy('SIGKILL');
    // The program could not be started; `exited` says why.
    if (pid === undefined) return { name, pid: Number.NaN, exited, stop, kill };
    const record = { name, pid, identity: processIdentity(pid), stopSignal, stopLimitMs };
    const running = { name, pid, exited, stop, kill, record };
    this.#children.push(running);
    this.#write();
    void exited.then(() => {
      this.#children.splice(this.#children.indexOf(running), 1);
      if (!this.#stopping) this.#write();
    });
    return running;
  }

  #write() {
    writeRecord(this.#record, {
      children: this.#children.map((child) => child.record),
      folders: this.#folders,
    });
  }

  #startWatchdog() {
    const watchdog = spawn(process.execPath, [WATCHDOG, String(process.pid), this.#record], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    watchdog.stdin.on('error', () => {});
    watchdog.unref();
    // A pipe to a process is a socket, whatever its type says.
    /** @type {import('node:net').Socket} */ (watchdog.stdin).unref();
    return watchdog;
  }
}
