// The five processes under test, which a run also kills, replaces and doubles.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { QueryResultRow } from 'pg';
import { migrateBoth, onDatabase } from '@quittance/databases';
import { dataPath } from '../../../tools/place.mjs';
import type { Session, StartedProcess } from '../../../tools/processes/session.js';
import { freePort } from '../../../tools/servers/ports.js';
import {
  entryOf,
  environmentOf,
  HOST,
  type AppName,
  type StackSetup,
} from '../../../tools/stack/apps.js';
import type { TerminalWithKeys } from '../../../tools/stack/terminals.js';
import { anyPorts } from '../../../tools/stack/ports.js';
import { seedMerchant, type SeededMerchant } from '../../../tools/stack/seed.js';
import { Stack } from '../../../tools/stack/stack.js';
import { until } from '../waiting.js';
import type { ChaosPostgres, ChaosRedis } from './servers.js';

/** Settings of a process, on top of those it has by its place in the stack. */
export type Environment = Readonly<Record<string, string>>;

/**
 * Short, so that the work of a dead process is free again in seconds. The sweeper's patience (15 s
 * after the reply was due) and the lease of a due step (60 s) are as in production.
 */
export const QUICK: Environment = {
  GATEWAY_TIMEOUT_MS: '1500',
  GATEWAY_INQUIRY_TIMEOUT_MS: '1500',
  JOB_LOCK_MS: '2500',
  ORDERS_EVENT_LOCK_MS: '2500',
  STOP_LIMIT_MS: '5000',
  GATEWAY_BREAKER_INQUIRY_MS: '500',
  // It looks payments up by reference, so that a payment whose reply was lost can be found again.
  SANDBOX_GENERATION: 'doc',
  LOG_LEVEL: 'info',
};

const READY_LIMIT_MS = 60_000;

/** The servers that the stack works with. */
export interface StackServers {
  readonly postgres: ChaosPostgres;
  readonly redis: ChaosRedis;
}

/** The end of one command of the operator's CLI, with all its output. */
export interface OperatorRun {
  readonly code: number | string | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

interface StackParts {
  readonly name: string;
  readonly stack: Stack;
  readonly servers: StackServers;
  readonly merchant: SeededMerchant;
}

/** A stack with databases of its own. Made by {@link ChaosStack.start}. */
export class ChaosStack {
  readonly name: string;
  readonly stack: Stack;
  readonly setup: StackSetup;
  readonly servers: StackServers;
  /** Of the merchant, in clear. */
  readonly apiKey: string;
  readonly opsKey: string;
  readonly terminals: readonly TerminalWithKeys[];
  readonly #session: Session;

  constructor(session: Session, { name, stack, servers, merchant }: StackParts) {
    this.#session = session;
    this.name = name;
    this.stack = stack;
    this.setup = stack.setup;
    this.servers = servers;
    this.apiKey = merchant.apiKey;
    this.opsKey = merchant.opsKey;
    this.terminals = merchant.terminals;
  }

  /** Starts a stack with empty databases and terminals that may inquire by reference. */
  static async start(
    session: Session,
    {
      name,
      postgres,
      redis,
      extra = {},
    }: StackServers & { readonly name: string; readonly extra?: Environment | undefined },
  ): Promise<ChaosStack> {
    const folder = session.temporaryFolder(`chaos-${name}`);
    const setup = {
      ports: await anyPorts(),
      databaseUrl: postgres.databaseUrl(`chaos_${name}`),
      ordersDatabaseUrl: postgres.databaseUrl(`chaos_${name}_orders`),
      redisUrl: redis.url,
      keyFolder: join(folder, 'keys'),
      logFolder: dataPath('logs', `chaos-${name}`),
      ledgerFile: join(folder, 'sandbox.ndjson'),
      extra: { ...QUICK, ...extra },
    };
    await migrateBoth(setup);
    const stack = await new Stack(session, setup).start();
    const file = join(folder, 'merchant.json');
    const merchant = await seedMerchant(stack, file, { inquiry: 'reference' });
    return new ChaosStack(session, { name, stack, servers: { postgres, redis }, merchant });
  }

  /** Base URL of each app. */
  get urls(): Readonly<Record<AppName, string>> {
    return this.stack.urls;
  }

  /** The process of an app. */
  process(name: AppName): StartedProcess {
    const started = this.stack.process(name);
    if (started === undefined) throw new Error(`${name} was never started`);
    return started;
  }

  /** Kills a process and starts it again with `extra` settings; resolves when it is ready. */
  async replace(name: AppName, extra: Environment = {}): Promise<StartedProcess> {
    await this.process(name).kill();
    return this.launch(name, extra);
  }

  /** Starts a process that has ended; resolves when it is ready. */
  async launch(name: AppName, extra: Environment = {}): Promise<StartedProcess> {
    const started = this.stack.launch(name, extra);
    await this.stack.untilReady(name);
    return started;
  }

  /** Starts a process that may kill itself at any time; resolves when it is ready, or has ended. */
  async launchArmed(name: AppName, extra: Environment): Promise<StartedProcess> {
    const armed = this.stack.launch(name, extra);
    const ready = this.stack.untilReady(name);
    // The end of the process says more.
    ready.catch(() => {});
    await Promise.race([ready, armed.exited]);
    return armed;
  }

  /** Runs one command of the operator's CLI. */
  operate(args: readonly string[], extra: Environment = {}): Promise<OperatorRun> {
    const env = { ...environmentOf('operator', this.setup), ...extra };
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [entryOf('operator'), ...args],
        { env },
        (error, stdout, stderr) => {
          const { code = null, signal = null } = error ?? { code: 0 };
          resolve({ code, signal: signal ?? null, output: stdout + stderr });
        },
      );
    });
  }

  /** Starts another process of an app beside the one that runs, on a port of its own. */
  async launchBeside(
    name: AppName,
    extra: Environment = {},
  ): Promise<{ process: StartedProcess; port: number; url: string }> {
    const port = await freePort();
    const setup = { ...this.setup, ports: { ...this.setup.ports, [name]: port } };
    const env = { ...environmentOf(name, setup), ...extra };
    const logFile = join(this.setup.logFolder, `${name}-${port}.log`);
    const args = [entryOf(name)];
    const started = this.#session.spawn(name, process.execPath, args, { env, logFile });
    const url = `http://${HOST}:${port}`;
    const isReady = () =>
      fetch(`${url}/readyz`).then(
        (answer) => answer.ok,
        () => false,
      );
    await until(isReady, { what: `a second ${name} is ready`, limitMs: READY_LIMIT_MS });
    return { process: started, port, url };
  }

  /** Rows of a statement on the payments' database. */
  async query<Row extends QueryResultRow = QueryResultRow>(
    sql: string,
    values: unknown[] = [],
  ): Promise<Row[]> {
    const { rows } = await onDatabase(this.setup.databaseUrl, (client) =>
      client.query<Row>(sql, values),
    );
    return rows;
  }

  /** The only row of a statement on the payments' database. */
  async row<Row extends QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row> {
    const [row] = await this.query<Row>(sql, values);
    if (row === undefined) throw new Error(`no row: ${sql}`);
    return row;
  }

  stop(): Promise<void> {
    return this.stack.stop();
  }
}
