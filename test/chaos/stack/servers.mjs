// Postgres and Redis that belong to a chaos run alone, because it stops, empties and restarts them.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { withDatabase } from '../../../tools/database/databases.mjs';
import { dataPath } from '../../../tools/place.mjs';
import { DURABLE, THROWAWAY, startPostgres } from '../../../tools/servers/postgres.mjs';
import { redisProgram } from '../../../tools/servers/redis-program.mjs';
import { IN_MEMORY, startRedis } from '../../../tools/servers/redis.mjs';
import { newPassword } from '../../../tools/servers/remembered.mjs';

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
    const run = randomBytes(4).toString('hex');
    const folder = join(dataPath('test'), `${logName}-${run}`);
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
    const run = randomBytes(4).toString('hex');
    const folder = dataPath('test', `${logName}-${run}`);
    session.removeAtEnd(folder);
    const program = await redisProgram({ mayInstall: true, say: () => {} });
    const base = { program, folder, password: newPassword(), logName };
    const options = { ...base, persistence };
    return new ChaosRedis(session, options, await startRedis(session, options));
  }

  get url() {
    return this.#server.url;
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
