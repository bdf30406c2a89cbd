// The five processes under test, with what a chaos run does to them beside starting and stopping.
import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { migrateBoth, onDatabase } from '../../../tools/database/databases.mjs';
import { dataPath } from '../../../tools/place.mjs';
import { freePort } from '../../../tools/servers/ports.ts';
import { entryOf, environmentOf, HOST, operatorEnvironment } from '../../../tools/stack/apps.mjs';
import { ensureKeys } from '../../../tools/stack/keys.ts';
import { CLI } from '../../../tools/stack/operator.ts';
import { anyPorts } from '../../../tools/stack/ports.ts';
import { registerTerminals, seedMerchant } from '../../../tools/stack/seed.ts';
import { startStack } from '../../../tools/stack/stack.ts';
import { until } from '../waiting.mjs';

/**
 * Short, so that what a dead process held comes back in seconds. The sweeper's own patience (15 s after the reply was due)
 * and the lease of a due step (60 s) are left as they are.
 */
const QUICK = {
  GATEWAY_TIMEOUT_MS: '1500',
  GATEWAY_INQUIRY_TIMEOUT_MS: '1500',
  JOB_LOCK_MS: '2500',
  ORDERS_EVENT_LOCK_MS: '2500',
  STOP_LIMIT_MS: '5000',
  // It looks payments up by reference, so that a payment whose reply was lost can be found again.
  SANDBOX_GENERATION: 'doc',
  LOG_LEVEL: 'info',
};

const READY_LIMIT_MS = 60_000;

export class ChaosStack {
  #session;
  #setup;

  constructor(session, { name, stack, setup, servers, merchant, terminals }) {
    this.#session = session;
    this.#setup = setup;
    this.name = name;
    this.stack = stack;
    this.servers = servers;
    this.apiKey = merchant.apiKey;
    this.opsKey = merchant.opsKey;
    this.terminals = terminals;
  }

  /**
   * Starts a stack with fresh databases, a Redis of its own and terminals that may ask by reference.
   * @param {{ name: string, postgres: object, redis: object, extra?: Record<string, string> }} options
   */
  static async start(session, { name, postgres, redis, extra = {} }) {
    const folder = mkdtempSync(join(dataPath('test'), `chaos-${name}-`));
    session.removeAtEnd(folder);
    const keyFolder = join(folder, 'keys');
    const keys = await ensureKeys(keyFolder);
    const terminals = keys.terminals.map((terminal) => ({ ...terminal, inquiry: 'reference' }));
    const setup = {
      ports: await anyPorts(),
      databaseUrl: postgres.databaseUrl(`chaos_${name}`),
      ordersDatabaseUrl: postgres.databaseUrl(`chaos_${name}_orders`),
      redisUrl: redis.url,
      keyFolder,
      logFolder: dataPath('logs', `chaos-${name}`),
      ledgerFile: join(folder, 'sandbox.ndjson'),
      extra: { ...QUICK, ...extra },
    };
    await migrateBoth(setup);
    const stack = await startStack(session, setup);
    const { urls } = stack;
    const file = join(folder, 'merchant.json');
    const merchant = await seedMerchant({ setup, urls, terminals, file });
    await registerTerminals({ sandboxUrl: urls.sandbox, merchant: merchant.merchant, terminals });
    const servers = { postgres, redis };
    return new ChaosStack(session, { name, stack, setup, servers, merchant, terminals });
  }

  get urls() {
    return this.stack.urls;
  }

  get setup() {
    return this.#setup;
  }

  process(name) {
    return this.stack.process(name);
  }

  /** Ends a process at once and starts it anew with `extra` in its environment; resolves when it is ready. */
  async replace(name, extra = {}) {
    await this.process(name).kill();
    return this.launch(name, extra);
  }

  /** Starts a process that has ended. */
  async launch(name, extra = {}) {
    const started = this.stack.launch(name, extra);
    await this.stack.untilReady(name);
    return started;
  }

  /** Starts a process that may end itself at any time; resolves when it is ready, or has ended. */
  async launchArmed(name, extra) {
    const armed = this.stack.launch(name, extra);
    const ready = this.stack.untilReady(name);
    // It says so itself by how it ends.
    ready.catch(() => {});
    await Promise.race([ready, armed.exited]);
    return armed;
  }

  /**
   * Runs the operator's CLI.
   * @returns {Promise<{ code: number | null, signal: string | null, said: string }>} how it ended, with all that it wrote
   */
  operate(args, extra = {}) {
    const env = { ...operatorEnvironment(this.#setup), ...extra };
    return new Promise((resolve) => {
      execFile(process.execPath, [CLI, ...args], { env }, (error, stdout, stderr) => {
        const { code = 0, signal = null } = error ?? {};
        resolve({ code, signal, said: stdout + stderr });
      });
    });
  }

  /** Starts another process of an app beside the one that runs, on a port of its own. */
  async launchBeside(name, extra = {}) {
    const port = await freePort();
    const setup = { ...this.#setup, ports: { ...this.#setup.ports, [name]: port } };
    const env = { ...environmentOf(name, setup), ...extra };
    const logFile = this.stack.logFile(`${name}-${port}`);
    const args = ['--enable-source-maps', entryOf(name)];
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
  async query(sql, values = []) {
    const { rows } = await onDatabase(this.#setup.databaseUrl, (client) =>
      client.query(sql, values),
    );
    return rows;
  }

  stop() {
    return this.stack.stop();
  }
}
