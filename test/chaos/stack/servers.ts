// Postgres and Redis of a chaos run alone, because the run stops, empties and restarts them.
import { execFile } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { withDatabase } from '@quittance/databases';
import type { Session } from '../../../tools/processes/session.js';
import { postgresHome } from '../../../tools/servers/postgres-home.js';
import { clusterOf, startPostgres } from '../../../tools/servers/postgres.js';
import { startRedis } from '../../../tools/servers/redis.js';
import type { LocalServer, ServerOptions } from '../../../tools/servers/server.js';
import { until } from '../waiting.js';

const FOLLOWS_WITHIN_MS = 15_000;

const passwordOf = ({ url }: LocalServer) => new URL(url).password;

/** A Postgres that can be restarted on its port with its data. */
export class ChaosPostgres {
  readonly #session: Session;
  readonly #options: ServerOptions;
  #server: LocalServer;

  constructor(session: Session, options: ServerOptions, server: LocalServer) {
    this.#session = session;
    this.#options = options;
    this.#server = server;
  }

  /** Starts an empty one: durable as in production, or fast as for other tests. */
  static async start(
    session: Session,
    { isDurable, logName = 'chaos-postgres' }: { isDurable: boolean; logName?: string },
  ): Promise<ChaosPostgres> {
    const options = { folder: session.temporaryFolder(logName), isDurable, logName };
    return new ChaosPostgres(session, options, await startPostgres(session, options));
  }

  /** The superuser's URL of a database. */
  databaseUrl(name: string): string {
    return withDatabase(this.#server.url, name);
  }

  get pid(): number {
    return this.#server.pid;
  }

  get port(): number {
    return this.#server.port;
  }

  /** "Fast" shutdown: every session is ended in the middle of its work. */
  stop(): Promise<void> {
    return this.#server.stop();
  }

  /**
   * SIGQUIT: all its processes end at once, without a checkpoint, and the next start recovers from
   * the log.
   */
  async crash(): Promise<void> {
    process.kill(this.#server.pid, 'SIGQUIT');
    await this.#server.exited;
  }

  async startAgain(): Promise<void> {
    this.#server = await startPostgres(this.#session, this.#options);
  }

  /**
   * A planned failover: stops, hands its data to a new primary on another port, and comes back on
   * its own port as the standby that streams from it.
   * @returns the new primary
   */
  async failOver(): Promise<ChaosPostgres> {
    await this.stop();
    const options = await this.#copy();
    const server = await startPostgres(this.#session, options);
    await follow(this.#options, server);
    await this.startAgain();
    return new ChaosPostgres(this.#session, options, server);
  }

  /**
   * Restarts, and hands a copy of its data to a standby on another port that streams from it.
   * @returns the standby
   */
  async addStandby(): Promise<ChaosPostgres> {
    await this.stop();
    const options = await this.#copy();
    await this.startAgain();
    await follow(options, this.#server);
    const server = await startPostgres(this.#session, options);
    return new ChaosPostgres(this.#session, options, server);
  }

  /** Sends a signal to it and to each of its processes. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
    const children = stdout
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
      .filter(([, parent]) => parent === this.pid)
      .map(([child = 0]) => child);
    for (const each of [this.pid, ...children]) process.kill(each, signal);
  }

  /** Copies its data, while it is stopped, to the folder in the returned options. */
  async #copy(): Promise<ServerOptions> {
    const home = await postgresHome();
    const own = clusterOf(home.folderFor(this.#options.folder));
    const folder = this.#session.temporaryFolder(this.#options.logName);
    await promisify(execFile)('cp', ['-a', own, home.folderFor(folder)]);
    return { ...this.#options, folder, password: passwordOf(this.#server) };
  }
}

/** Makes the stopped server in a folder the standby of a running one. */
async function follow({ folder }: ServerOptions, primary: LocalServer): Promise<void> {
  const home = await postgresHome();
  const own = clusterOf(home.folderFor(folder));
  appendFileSync(join(own, 'postgresql.auto.conf'), `primary_conninfo = '${primary.url}'\n`);
  await promisify(execFile)('touch', [join(own, 'standby.signal')], { ...home.as, cwd: '/' });
}

/** A Redis without a disk unless it is given one: without it, every start finds it empty. */
export class ChaosRedis {
  readonly #session: Session;
  readonly #options: ServerOptions;
  #server: LocalServer;

  constructor(session: Session, options: ServerOptions, server: LocalServer) {
    this.#session = session;
    this.#options = options;
    this.#server = server;
  }

  /** Starts an empty one. */
  static async start(
    session: Session,
    { logName = 'chaos-redis', ...rest }: Partial<ServerOptions> = {},
  ): Promise<ChaosRedis> {
    const folder = session.temporaryFolder(logName);
    const options = { folder, isDurable: false, logName, ...rest };
    return new ChaosRedis(session, options, await startRedis(session, options));
  }

  get url(): string {
    return this.#server.url;
  }

  get port(): number {
    return this.#server.port;
  }

  /** The folder of its files. */
  get folder(): string {
    return this.#options.folder;
  }

  /** Ends it as a crash would. */
  kill(): Promise<void> {
    return this.#server.kill();
  }

  /** Stops it without ending it: connections stay open and nothing answers. */
  freeze(): void {
    process.kill(this.#server.pid, 'SIGSTOP');
  }

  thaw(): void {
    process.kill(this.#server.pid, 'SIGCONT');
  }

  async startAgain(): Promise<void> {
    this.#server = await startRedis(this.#session, this.#options);
  }

  /**
   * A failover whose old primary stays alive: a replica that has all the data takes over, and this
   * server follows it.
   * @returns the new primary, with the same password
   */
  async failOver(): Promise<ChaosRedis> {
    const folder = this.#session.temporaryFolder(this.#options.logName);
    const options = { ...this.#options, folder, password: passwordOf(this.#server) };
    const server = await startRedis(this.#session, options);
    const primary = new ChaosRedis(this.#session, options, server);
    await primary.#follow(this);
    await primary.command('REPLICAOF', 'NO', 'ONE');
    await this.#follow(primary);
    return primary;
  }

  async #follow(primary: ChaosRedis): Promise<void> {
    await this.command('CONFIG', 'SET', 'masterauth', passwordOf(primary.#server));
    await this.command('REPLICAOF', '127.0.0.1', String(primary.port));
    const isUp = async () =>
      String(await this.command('INFO', 'replication')).includes('master_link_status:up');
    await until(isUp, { what: 'the replication link', limitMs: FOLLOWS_WITHIN_MS });
  }

  /** Runs one command on a connection of its own. */
  async command(name: string, ...args: string[]): Promise<unknown> {
    const redis = new Redis(this.url);
    redis.on('error', () => {});
    try {
      return await redis.call(name, ...args);
    } finally {
      redis.disconnect();
    }
  }
}
