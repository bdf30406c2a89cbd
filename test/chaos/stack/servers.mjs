// Postgres and Redis that belong to a chaos run alone, because it stops, empties and restarts them.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withDatabase } from '../../../tools/database/databases.mjs';
import { dataPath } from '../../../tools/place.mjs';
import { postgresHome } from '../../../tools/servers/postgres-home.ts';
import { DURABLE, THROWAWAY, startPostgres } from '../../../tools/servers/postgres.ts';
import { redisProgram } from '../../../tools/servers/redis-program.ts';
import { IN_MEMORY, startRedis } from '../../../tools/servers/redis.ts';
import { newPassword } from '../../../tools/servers/remembered.ts';
import { until } from '../waiting.mjs';

const FOLLOWS_WITHIN_MS = 15_000;

/** A folder that no other server of any run has. */
const newFolder = (logName) => dataPath('test', `${logName}-${randomBytes(4).toString('hex')}`);

/** A Postgres that can be restarted on its port with its data. */
export class ChaosPostgres {
  #session;
  #options;
  #server;

  constructor(session, options, server) {
    this.#session = session;
    this.#options = options;
    this.#server = server;
  }

  /** @param {{ isDurable: boolean }} options durable as in production, or quick as for other tests */
  static async start(session, { isDurable, logName = 'chaos-postgres' }) {
    const folder = newFolder(logName);
    session.removeAtEnd(folder);
    const durability = isDurable ? DURABLE : THROWAWAY;
    const options = { folder, password: newPassword(), durability, logName };
    return new ChaosPostgres(session, options, await startPostgres(session, options));
  }

  databaseUrl(name) {
    return withDatabase(this.#server.url, name);
  }

  get pid() {
    return this.#server.pid;
  }

  get port() {
    return this.#server.port;
  }

  /** "Fast" shutdown: every session is ended in the middle of what it does. */
  stop() {
    return this.#server.stop();
  }

  /** SIGQUIT: every process of it ends at once, without a checkpoint; the next start has to recover from the log. */
  async crash() {
    process.kill(this.#server.pid, 'SIGQUIT');
    await this.#server.exited;
  }

  async startAgain() {
    const options = { ...this.#options, preferredPort: this.#server.port };
    this.#server = await startPostgres(this.#session, options);
  }

  /**
   * A planned failover: stops, hands its data to a new primary on another port, and comes back on its own port as the
   * standby that streams from it.
   * @returns {Promise<ChaosPostgres>} the new primary
   */
  async failOver() {
    await this.stop();
    const home = await postgresHome();
    const own = home.folderFor(this.#options.folder);
    const folder = newFolder(this.#options.logName);
    this.#session.removeAtEnd(folder);
    await promisify(execFile)('cp', ['-a', `${own}/.`, home.folderFor(folder)]);
    const options = { ...this.#options, folder };
    const server = await startPostgres(this.#session, options);
    const primary = new ChaosPostgres(this.#session, options, server);
    appendFileSync(join(own, 'postgresql.auto.conf'), `primary_conninfo = '${server.url}'\n`);
    await promisify(execFile)('touch', [join(own, 'standby.signal')], { ...home.as, cwd: '/' });
    await this.startAgain();
    return primary;
  }
}

/** A Redis that, unless told otherwise, has no disk: whenever it starts it is empty. */
export class ChaosRedis {
  #session;
  #options;
  #server;

  constructor(session, options, server) {
    this.#session = session;
    this.#options = options;
    this.#server = server;
  }

  static async start(session, { persistence = IN_MEMORY, logName = 'chaos-redis' } = {}) {
    const folder = newFolder(logName);
    session.removeAtEnd(folder);
    const program = await redisProgram({ mayInstall: true, say: () => {} });
    const base = { program, folder, password: newPassword(), logName };
    const options = { ...base, persistence };
    return new ChaosRedis(session, options, await startRedis(session, options));
  }

  get url() {
    return this.#server.url;
  }

  get port() {
    return this.#server.port;
  }

  /** Where its files are. */
  get folder() {
    return this.#options.folder;
  }

  /** Ends it as a crash would; nothing is kept. */
  kill() {
    return this.#server.kill();
  }

  /** Stops it without ending it: connections stay open and nothing answers. */
  freeze() {
    process.kill(this.#server.pid, 'SIGSTOP');
  }

  thaw() {
    process.kill(this.#server.pid, 'SIGCONT');
  }

  async startAgain() {
    const options = { ...this.#options, preferredPort: this.#server.port };
    this.#server = await startRedis(this.#session, options);
  }

  /**
   * A failover whose old primary lives on: a replica that has everything takes over, and this server follows it.
   * @returns {Promise<ChaosRedis>} the new primary, with the same password
   */
  async failOver() {
    const folder = newFolder(this.#options.logName);
    this.#session.removeAtEnd(folder);
    const options = { ...this.#options, folder };
    const primary = new ChaosRedis(
      this.#session,
      options,
      await startRedis(this.#session, options),
    );
    await primary.#follow(this);
    await primary.command('REPLICAOF', 'NO', 'ONE');
    await this.#follow(primary);
    return primary;
  }

  async #follow(primary) {
    await this.command('CONFIG', 'SET', 'masterauth', primary.#options.password);
    await this.command('REPLICAOF', '127.0.0.1', String(primary.port));
    const isUp = async () =>
      (await this.command('INFO', 'replication')).includes('master_link_status:up');
    await until(isUp, { what: 'a replica that follows', limitMs: FOLLOWS_WITHIN_MS });
  }

  /** One command, on a connection of its own. */
  async command(name, ...args) {
    const { Redis } = await import('ioredis');
    const redis = new Redis(this.url);
    redis.on('error', () => {});
    try {
      return await redis.call(name, ...args);
    } finally {
      redis.disconnect();
    }
  }
}
