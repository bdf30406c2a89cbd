// The settings of the sessions of each role, in its database. A process that connects directly sets
// the same ones itself; behind a pooler of transactions it cannot. A test compares them with those
// that the processes require.
import type { Client } from 'pg';

/** Times are in milliseconds. */
type Settings = Readonly<Record<string, string>>;

const DEADLINES: Settings = {
  statement_timeout: '5000',
  idle_in_transaction_session_timeout: '6000',
};

/** The processes that use the payments' database. */
export const PAYMENTS_SETTINGS: Settings = {
  ...DEADLINES,
  TimeZone: 'UTC',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_seqscan: 'off',
  jit: 'off',
};

/** The order domain, in its own. */
export const ORDERS_SETTINGS: Settings = DEADLINES;

/**
 * Gives every later session of a role in the client's database these settings.
 * @param client connected as the owner of the tables, who may create roles
 * @param role the name, not escaped
 */
export async function setForRole(client: Client, role: string, settings: Settings): Promise<void> {
  const place = [role, client.database ?? ''].map((name) => client.escapeIdentifier(name));
  for (const [name, value] of Object.entries(settings))
    await client.query(
      `ALTER ROLE ${place.join(' IN DATABASE ')} SET ${name} = ${client.escapeLiteral(value)}`,
    );
}
