// Postgres and Redis of a chaos run alone, because the run stops, empties and restarts them.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { withDatabase } from '@quittance/databases';
import { dataPath } from '../../../tools/place.mjs';
import type { Session } from '../../../tools/processes/session.js';
import { postgresHome } from '../../../tools/servers/postgres-home.js';
import {
  DURABLE,
  THROWAWAY,
  startPostgres,
  type PostgresOptions,
  type PostgresServer,
} from '../../../tools/servers/postgres.js';
import { redisProgram } from '../../../tools/servers/redis-program.js';
import {
  IN_MEMORY,
  startRedis,
  type RedisOptions,
  type RedisServer,
} from '../../../tools/servers/redis.js';
import { newPassword } from '../../../tools/servers/remembered.js';
import { until } from '../waiting.js';

const FOLLOWS_WITHIN_MS = 15_000;

/** A folder that no other server of any run has; it goes with the session. */
function newFolder(session: Session, logName: string): string {
  const folder = dataPath('test', `${logName}-${randomBytes(4).toString('hex')}`);
  session.removeAtEnd(folder);
  return folder;
}

/** A Postgres that can be restarted on its port with its data. */
export class ChaosPostgres {
  readonly #session: Session;
  readonly #options: PostgresOptions;
  #server: PostgresServer;

  constructor(session: Session, options: PostgresOptions, server: PostgresServer) {
    this.#session = session;
    this.#options = options;
    this.#server = server;
  }

  /** Starts an empty one: durable as in production, or fast as for other tests. */
  static async start(
    session: Session,
    { isDurable, logName = 'chaos-postgres' }: { isDurable: boolean; logName?: string },
  ): Promise<ChaosPostgres> {
    const folder = newFolder(session, logName);
    const durability = isDurable ? DURABLE : THROWAWAY;
    const options = { folder, password: newPassword(), durability, logName };
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
    const options = { ...this.#options, preferredPort: this.#server.port };
    this.#server = await startPostgres(this.#session, options);
  }

  /**
   * A planned failover: stops, hands its data to a new primary on another port, and comes back on
   * its own port as the standby that streams from it.
   * @returns the new primary
   */
  async failOver(): Promise<ChaosPostgres> {
    await this.stop();
    const home = await postgresHome();
    const own = home.folderFor(this.#options.folder);
    const folder = newFolder(this.#session, this.#options.logName);
    await promisify(execFile)('cp', ['-a', `${own}/.`, home.folderFor(folder)]);
    const options = { ...this.#options, folder };
    const server = await startPostgres(this.#session, options);
    appendFileSync(join(own, 'postgresql.auto.conf'), `primary_conninfo = '${server.url}'\n`);
    await promisify(execFile)('touch', [join(own, 'standby.signal')], { ...home.as, cwd: '/' });
    await this.startAgain();
    return new ChaosPostgres(this.#session, options, server);
  }
}

/** A Redis without a disk unless it is given one: without it, every start finds it empty. */
export class ChaosRedis {
  readonly #session: Session;
  readonly #options: RedisOptions;
  #server: RedisServer;

  constructor(session: Session, options: RedisOptions, server: RedisServer) {
    this.#session = session;
    this.#options = options;
    this.#server = server;
  }

  /** Starts an empty one; `persistence` are lines of Redis's configuration. */
  static async start(
    session: Session,
    {
      persistence = IN_MEMORY,
      logName = 'chaos-redis',
    }: { persistence?: readonly string[]; logName?: string } = {},
  ): Promise<ChaosRedis> {
    const folder = newFolder(session, logName);
    const program = await redisProgram(() => {});
    const options = { program, folder, password: newPassword(), logName, persistence };
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
    const options = { ...this.#options, preferredPort: this.#server.port };
    this.#server = await startRedis(this.#session, options);
  }

  /**
   * A failover whose old primary stays alive: a replica that has all the data takes over, and this
   * server follows it.
   * @returns the new primary, with the same password
   */
  async failOver(): Promise<ChaosRedis> {
    const folder = newFolder(this.#session, this.#options.logName);
    const options = { ...this.#options, folder };
    const server = await startRedis(this.#session, options);
    const primary = new ChaosRedis(this.#session, options, server);
    await primary.#follow(this);
    await primary.command('REPLICAOF', 'NO', 'ONE');
    await this.#follow(primary);
    return primary;
  }

  async #follow(primary: ChaosRedis): Promise<void> {
    await this.command('CONFIG', 'SET', 'masterauth', primary.#options.password);
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
