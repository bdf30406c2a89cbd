// The two databases of the stack: the payments' and the order domain's, which shares nothing with
// the first.
import { join } from 'node:path';
import { root } from '../place.mjs';
import { Problem } from '../terminal/problem.mjs';
import { migrate, PATIENCE } from './migrations.mjs';
import { grantRights, ORDERS_RIGHTS, RIGHTS } from './rights.mjs';

/** @typedef {{ readonly databaseUrl: string, readonly ordersDatabaseUrl: string }} DatabaseUrls */

const DUPLICATE_DATABASE = '42P04';
const UNKNOWN_DATABASE = '3D000';

/** Where each database's migrations lie. */
export const MIGRATIONS = {
  payments: join(root, 'prisma', 'migrations'),
  orders: join(root, 'apps', 'orders', 'migrations'),
};

/**
 * The same server and account, another database.
 * @param {string} url
 * @param {string} name
 */
export function withDatabase(url, name) {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

/**
 * The database a URL names.
 * @param {string} url
 */
export function databaseName(url) {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}

/**
 * Where a URL points, without its password.
 * @param {string} url
 */
export function describeUrl(url) {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}${port && `:${port}`}${pathname}`;
}

/**
 * Runs statements on one connection.
 * @template T
 * @param {string} url
 * @param {(client: import('pg').Client) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function onDatabase(url, work) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, ...PATIENCE });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * Creates the database when the server does not have it.
 * @param {string} url
 */
export async function ensureDatabase(url) {
  try {
    await onDatabase(url, (client) => client.query('SELECT 1'));
  } catch (failed) {
    const error = /** @type {NodeJS.ErrnoException} */ (failed);
    if (error.code !== UNKNOWN_DATABASE) {
      throw new Problem(
        `No connection to Postgres at ${describeUrl(url)}: ${error.message || error.code}`,
      );
    }
    /** @param {import('pg').Client} client */
    const create = (client) =>
      client.query(`CREATE DATABASE ${client.escapeIdentifier(databaseName(url))}`);
    await onDatabase(withDatabase(url, 'postgres'), create).catch((failure) => {
      if (failure.code !== DUPLICATE_DATABASE) throw failure;
    });
  }
}

/**
 * Creates and migrates both databases.
 * @param {DatabaseUrls} urls
 * @returns {Promise<string[]>} the migrations applied now
 */
export async function migrateBoth({ databaseUrl, ordersDatabaseUrl }) {
  await ensureDatabase(databaseUrl);
  await ensureDatabase(ordersDatabaseUrl);
  const payments = await migrate(databaseUrl, MIGRATIONS.payments);
  return [...payments, ...(await migrate(ordersDatabaseUrl, MIGRATIONS.orders))];
}

/**
 * Gives every process its role and rights in both databases.
 * @param {DatabaseUrls} urls of the tables' owner, who may create roles
 * @param {Record<string, string>} passwords by process
 */
export async function grantBoth({ databaseUrl, ordersDatabaseUrl }, passwords) {
  await onDatabase(databaseUrl, (client) => grantRights(client, RIGHTS, passwords));
  await onDatabase(ordersDatabaseUrl, (client) => grantRights(client, ORDERS_RIGHTS, passwords));
}
