// The five processes, each a real one with its own port, log and key set.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Problem } from '../terminal/problem.mjs';
import type { Session, StartedProcess } from '../processes/session.js';
import {
  APPS,
  HOST,
  NODE_OPTIONS,
  entryOf,
  environmentOf,
  type AppName,
  type AppSetup,
} from './apps.js';

export type { AppName } from './apps.js';
export type { ProcessEnd, StartedProcess } from '../processes/session.js';

/** How an app is run; `env` goes over what its place in the stack says. */
export interface AppProgram {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Where the apps listen, what they work with, and where they log. */
export interface StackSetup extends AppSetup {
  readonly logFolder: string;
  /** Over what is the same for all apps. */
  readonly envOf?: (name: AppName, setup: StackSetup) => Readonly<Record<string, string>>;
  /** Default: the programs of this clone's `dist/`. */
  readonly programOf?: (name: AppName, setup: StackSetup) => AppProgram;
}

const READY_LIMIT_MS = 120_000;
const PROBE_LIMIT_MS = 3_000;
const POLL_MS = 50;
const LOG_LINES_SHOWN = 15;

/** The last lines of a log, for the person who has to find out why a process ended. */
function lastLines(path: string): string {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n');
  } catch {
    return '';
  }
}

/** Empty when the app is ready, else why it is not. */
async function unreadiness(url: string): Promise<string> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(PROBE_LIMIT_MS) });
    const text = await response.text();
    return response.ok ? '' : text || String(response.status);
  } catch (error) {
    const { cause, message } = error as Error;
    return cause instanceof Error && cause.message ? cause.message : message;
  }
}

const programOf = (name: AppName): AppProgram => ({
  program: process.execPath,
  args: [...NODE_OPTIONS, entryOf(name)],
});

/** A running stack. Made by {@link startStack}. */
export class Stack {
  readonly #session: Session;
  readonly #setup: StackSetup;
  readonly #apps = new Map<AppName, StartedProcess>();

  /** Base URL of each app. */
  readonly urls: Readonly<Record<AppName, string>>;

  constructor(session: Session, setup: StackSetup) {
    this.#session = session;
    this.#setup = setup;
    this.urls = Object.fromEntries(
      APPS.map(({ name }) => [name, `http://${HOST}:${setup.ports[name]}`]),
    ) as Record<AppName, string>;
  }

  /** The process of an app. */
  process(name: AppName): StartedProcess | undefined {
    return this.#apps.get(name);
  }

  /**
   * Starts an app without waiting for it, also again after it ended; `extra` adds to its
   * environment.
   */
  launch(name: AppName, extra: Readonly<Record<string, string>> = {}): StartedProcess {
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

  /**
   * Resolves once the app answers `/readyz` with 200; a Problem with the end of its log when it
   * ends before.
   */
  async untilReady(name: AppName): Promise<void> {
    const app = this.#apps.get(name) ?? this.launch(name);
    let ended = false;
    void app.exited.then(() => (ended = true));
    const deadline = Date.now() + READY_LIMIT_MS;
    let because = '';
    while (!ended && Date.now() < deadline) {
      because = await unreadiness(this.urls[name]);
      if (because === '') return;
      await pause(POLL_MS);
    }
    const what = ended ? 'ended while starting' : `is not ready (${because})`;
    throw new Problem(
      `${name} ${what}; the end of ${this.logFile(name)}:\n${lastLines(this.logFile(name))}`,
    );
  }

  /** Where the app's output goes. */
  logFile(name: AppName): string {
    return join(this.#setup.logFolder, `${name}.log`);
  }

  /** Stops all apps in order. */
  async stop(): Promise<void> {
    for (const { name } of APPS.toReversed()) await this.#apps.get(name)?.stop();
  }

  /** Rejects with a Problem as soon as one of the running apps ends by itself. */
  async untilOneEnds(): Promise<never> {
    const [name, { code, signal }] = await Promise.race(
      [...this.#apps].map(async ([app, child]) => [app, await child.exited] as const),
    );
    const how = signal ?? `exit code ${code}`;
    throw new Problem(
      `${name} ended (${how}); the end of ${this.logFile(name)}:\n${lastLines(this.logFile(name))}`,
    );
  }
}

/** Starts all apps at once and waits until each is ready. */
export async function startStack(session: Session, setup: StackSetup): Promise<Stack> {
  const stack = new Stack(session, setup);
  for (const { name } of APPS) stack.launch(name);
  await Promise.all(APPS.map(({ name }) => stack.untilReady(name)));
  return stack;
}
