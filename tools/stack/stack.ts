// The five processes, each a real one with its own port, log and key set.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Session, StartedProcess } from '../processes/session.js';
import { untilReady } from '../processes/until-ready.js';
import { Problem } from '../terminal/problem.mjs';
import {
  APPS,
  ensureKeySets,
  entryOf,
  environmentOf,
  HOST,
  NODE_OPTIONS,
  type AppName,
  type StackSetup,
} from './apps.js';

const READY_LIMIT_MS = 120_000;
const PROBE_LIMIT_MS = 3_000;
const LOG_LINES_SHOWN = 15;
const NAMES = APPS.map(({ name }) => name);

/** A stack of the five processes. */
export class Stack {
  readonly #session: Session;
  readonly #apps = new Map<AppName, StartedProcess>();

  readonly setup: StackSetup;
  /** Base URL of each app. */
  readonly urls: Readonly<Record<AppName, string>>;

  constructor(session: Session, setup: StackSetup) {
    this.#session = session;
    this.setup = setup;
    const urls = NAMES.map((name) => [name, `http://${HOST}:${setup.ports[name]}`]);
    this.urls = Object.fromEntries(urls);
  }

  /** The process of an app. */
  process(name: AppName): StartedProcess | undefined {
    return this.#apps.get(name);
  }

  /** The file of the app's output. */
  logFile(name: AppName): string {
    return join(this.setup.logFolder, `${name}.log`);
  }

  /**
   * Starts an app without waiting for it, also again after it ended; `extra` adds to its
   * environment.
   */
  launch(name: AppName, extra: Readonly<Record<string, string>> = {}): StartedProcess {
    const usual = { program: process.execPath, args: [...NODE_OPTIONS, entryOf(name)] };
    const { program, args, env } = { ...usual, ...this.setup.programOf?.(name, this.setup) };
    const app = this.#session.spawn(name, program, args, {
      env: { ...environmentOf(name, this.setup), ...env, ...extra },
      logFile: this.logFile(name),
    });
    this.#apps.set(name, app);
    return app;
  }

  /**
   * Resolves once the app answers `/readyz` with 200.
   * @throws {Problem} with the end of its log if it ends before
   */
  async untilReady(name: AppName): Promise<void> {
    const app = this.#apps.get(name) ?? this.launch(name);
    const ask = async () => {
      const signal = AbortSignal.timeout(PROBE_LIMIT_MS);
      const response = await fetch(`${this.urls[name]}/readyz`, { signal });
      const text = await response.text();
      if (!response.ok) throw new Error(text);
    };
    await untilReady(app, ask, READY_LIMIT_MS).catch((error: Error) =>
      this.#fail(name, error.message),
    );
  }

  /** Starts all apps at once, with keys of their own, and waits until each is ready. */
  async start(): Promise<this> {
    ensureKeySets(this.setup.keyFolder);
    for (const name of NAMES) this.launch(name);
    await Promise.all(NAMES.map((name) => this.untilReady(name)));
    return this;
  }

  /** Stops all apps in order. */
  async stop(): Promise<void> {
    for (const name of NAMES.toReversed()) await this.#apps.get(name)?.stop();
  }

  /** Rejects with a Problem as soon as one of the running apps ends by itself. */
  async untilOneEnds(): Promise<never> {
    const [name, { code, signal }] = await Promise.race(
      [...this.#apps].map(async ([app, child]) => [app, await child.exited] as const),
    );
    return this.#fail(name, `ended (${signal ?? `exit code ${code}`})`);
  }

  /** With the last lines of the log, for the person who has to find out why. */
  #fail(name: AppName, how: string): never {
    const path = this.logFile(name);
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN);
    throw new Problem(`${name} ${how}; the end of ${path}:\n${lines.join('\n')}`);
  }
}
