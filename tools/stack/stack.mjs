// The five processes, each a real one with its own port, log and key set.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Problem } from '../terminal/problem.mjs';
import { APPS, HOST, NODE_OPTIONS, entryOf, environmentOf } from './apps.mjs';

const READY_LIMIT_MS = 120_000;
const PROBE_LIMIT_MS = 3_000;
const POLL_MS = 50;
const LOG_LINES_SHOWN = 15;

/** The last lines of a log, for the person who has to find out why a process ended. */
function lastLines(path) {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n');
  } catch {
    return '';
  }
}

async function readiness(url) {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(PROBE_LIMIT_MS) });
    const text = await response.text();
    return response.ok ? { ready: true } : { ready: false, because: text };
  } catch (error) {
    return { ready: false, because: error.cause?.message || error.message };
  }
}

const programOf = (name) => ({
  program: process.execPath,
  args: [...NODE_OPTIONS, entryOf(name)],
});

/** A running stack. Made by {@link startStack}. */
export class Stack {
  #session;
  #setup;
  #apps = new Map();

  /** Base URL of each app. */
  urls;

  constructor(session, setup) {
    this.#session = session;
    this.#setup = setup;
    this.urls = Object.fromEntries(
      APPS.map(({ name }) => [name, `http://${HOST}:${setup.ports[name]}`]),
    );
  }

  /** The process of an app: `{ pid, exited, stop, kill }`. */
  process(name) {
    return this.#apps.get(name);
  }

  /** Starts an app without waiting for it, also again after it ended; `extra` adds to its environment. */
  launch(name, extra = {}) {
    const { program, args, env } = this.#setup.programOf?.(name, this.#setup) ?? programOf(name);
    const app = this.#session.spawn(name, program, args, {
      env: {
        ...environmentOf(name, this.#setup),
        ...this.#setup.envOf?.(name, this.#setup),
        ...env,
        ...extra,
      },
      logFile: this.logFile(name),
    });
    this.#apps.set(name, app);
    return app;
  }

  /** Resolves once the app answers `/readyz` with 200; a Problem with the end of its log when it ends before. */
  async untilReady(name) {
    const app = this.#apps.get(name);
    let ended = false;
    void app.exited.then(() => (ended = true));
    const deadline = Date.now() + READY_LIMIT_MS;
    let state = { ready: false, because: '' };
    while (!ended && Date.now() < deadline) {
      state = await readiness(this.urls[name]);
      if (state.ready) return;
      await pause(POLL_MS);
    }
    const what = ended ? 'ended while starting' : `is not ready (${state.because})`;
    throw new Problem(
      `${name} ${what}; the end of ${this.logFile(name)}:\n${lastLines(this.logFile(name))}`,
    );
  }

  /** Where the app's output goes. */
  logFile(name) {
    return join(this.#setup.logFolder, `${name}.log`);
  }

  /** Stops all apps in order. */
  async stop() {
    for (const { name } of APPS.toReversed()) await this.#apps.get(name)?.stop();
  }

  /** Rejects with a Problem as soon as one of the running apps ends by itself. */
  async untilOneEnds() {
    const [name, { code, signal }] = await Promise.race(
      [...this.#apps].map(async ([app, child]) => [app, await child.exited]),
    );
    const how = signal ?? `exit code ${code}`;
    throw new Problem(
      `${name} ended (${how}); the end of ${this.logFile(name)}:\n${lastLines(this.logFile(name))}`,
    );
  }
}

/**
 * Starts all apps at once and waits until each is ready.
 * @param {import('../processes/session.mjs').Session} session
 * @param {{ ports: Record<string, number>, databaseUrl: string, ordersDatabaseUrl: string, redisUrl: string, keyFolder: string,
 *   logFolder: string, ledgerFile?: string, extra?: Record<string, string>,
 *   envOf?: (name: string, setup: object) => Record<string, string>,
 *   programOf?: (name: string, setup: object) => { program: string, args: string[], env?: object } }} setup
 * @returns {Promise<Stack>}
 */
export async function startStack(session, setup) {
  const stack = new Stack(session, setup);
  for (const { name } of APPS) stack.launch(name);
  await Promise.all(APPS.map(({ name }) => stack.untilReady(name)));
  return stack;
}
