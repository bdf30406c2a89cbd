// What the processes of the versions written by hand (bench/bare, bench/guarded) share: settings from the environment, and one
// way to open Postgres and Redis.
import pg from 'pg';

/** Payments and events under way at once in a process: enough to keep the processors busy. */
export const CONCURRENCY = 64;

/** Enough for Postgres to gather the commits of many single-row statements into one flush. */
const DATABASE_CONNECTIONS = 16;

/** The queues' names; each version has queues of its own on the one Redis. */
export const PAYMENTS_QUEUE = `${process.env.CONTESTANT}-payments`;
export const EVENTS_QUEUE = `${process.env.CONTESTANT}-events`;

export const settings = {
  port: Number(process.env.PORT),
  databaseUrl: process.env.DATABASE_URL,
  redis: { url: process.env.REDIS_URL },
  apiKey: process.env.API_KEY,
  callbackUrl: process.env.CALLBACK_URL,
  gatewayUrl: process.env.GATEWAY_URL,
  terminal: {
    number: Number(process.env.TERMINAL_NUMBER),
    publicKey: process.env.TERMINAL_PUBLIC_KEY,
    privateKey: process.env.TERMINAL_PRIVATE_KEY,
  },
};

/** A pool of connections to the one database. */
export function openDatabase() {
  return new pg.Pool({ connectionString: settings.databaseUrl, max: DATABASE_CONNECTIONS });
}

/** Tells the bench that this process does its work now. */
export function announceReady() {
  process.stdout.write('ready\n');
}
