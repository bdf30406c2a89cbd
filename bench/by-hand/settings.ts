// What the processes of the versions written by hand (bench/bare, bench/guarded) share: settings
// from the environment, and one way to open Postgres and Redis.
import pg from 'pg';

const setting = (name: string): string => process.env[name] ?? '';

/** Payments and events under way at once in a process: enough to keep the processors busy. */
export const CONCURRENCY = 64;

/** Enough for Postgres to gather the commits of many single-row statements into one flush. */
const DATABASE_CONNECTIONS = 16;

/** The queues' names; each version has queues of its own on the one Redis. */
export const PAYMENTS_QUEUE = `${setting('CONTESTANT')}-payments`;
export const EVENTS_QUEUE = `${setting('CONTESTANT')}-events`;

export const settings = {
  port: Number(setting('PORT')),
  databaseUrl: setting('DATABASE_URL'),
  redis: { url: setting('REDIS_URL') },
  apiKey: setting('API_KEY'),
  callbackUrl: setting('CALLBACK_URL'),
  gatewayUrl: setting('GATEWAY_URL'),
  terminal: {
    number: Number(setting('TERMINAL_NUMBER')),
    publicKey: setting('TERMINAL_PUBLIC_KEY'),
    privateKey: setting('TERMINAL_PRIVATE_KEY'),
  },
};

/** A pool of connections to the one database. */
export function openDatabase(): pg.Pool {
  return new pg.Pool({ connectionString: settings.databaseUrl, max: DATABASE_CONNECTIONS });
}

/** Tells the bench that this process does its work now. */
export function announceReady(): void {
  process.stdout.write('ready\n');
}
