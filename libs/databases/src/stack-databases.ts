// The two databases of the stack: that of the payments and that of the order domain, which shares
// nothing with the first.
import { join } from 'node:path';
import { ensureDatabase, onDatabase } from './database.js';
import { migrate } from './migrations.js';
import { grantRights, ORDERS_RIGHTS, RIGHTS } from './rights.js';
import { ORDERS_SETTINGS, PAYMENTS_SETTINGS } from './role-settings.js';

/** Both as the owner of the tables. */
export interface DatabaseUrls {
  readonly databaseUrl: string;
  readonly ordersDatabaseUrl: string;
}

/**
 * Creates and migrates both databases.
 * @param root folder of the clone or image, which has the migrations
 * @returns the migrations applied now
 */
export async function migrateBoth(
  { databaseUrl, ordersDatabaseUrl }: DatabaseUrls,
  root = process.cwd(),
): Promise<string[]> {
  await ensureDatabase(databaseUrl);
  await ensureDatabase(ordersDatabaseUrl);
  const payments = await migrate(databaseUrl, join(root, 'prisma/migrations'));
  return [...payments, ...(await migrate(ordersDatabaseUrl, join(root, 'apps/orders/migrations')))];
}

/**
 * Gives every process its role in both databases, with its rights and settings.
 * @param urls of the tables' owner, who may create roles
 * @param passwords by process
 */
export async function grantBoth(
  { databaseUrl, ordersDatabaseUrl }: DatabaseUrls,
  passwords: Readonly<Record<string, string>>,
): Promise<void> {
  const payments = { rights: RIGHTS, settings: PAYMENTS_SETTINGS, passwords };
  const orders = { rights: ORDERS_RIGHTS, settings: ORDERS_SETTINGS, passwords };
  await onDatabase(databaseUrl, (client) => grantRights(client, payments));
  await onDatabase(ordersDatabaseUrl, (client) => grantRights(client, orders));
}
