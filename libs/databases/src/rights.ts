// The roles of the processes in Postgres, each with the least that its statements need. The owner
// of the tables, who migrates, grants them; no process is the owner. A test runs every app under
// its role, and tries what each must not do.
import type { Client } from 'pg';
import { setForRole } from './role-settings.js';

/**
 * Written by every process that moves payments: one statement writes them all (RECORD), so that it
 * needs the right to each.
 */
const MOVES = {
  payment_intents: 'SELECT, UPDATE',
  payment_events: 'SELECT, INSERT',
  submission_attempts: 'SELECT, INSERT, UPDATE',
  callbacks: 'SELECT, INSERT',
  // Taken with FOR UPDATE, which asks for the right to update something.
  outbox: 'SELECT, INSERT, UPDATE (id), DELETE',
  payment_status_moves: 'SELECT',
  transaction_claims: 'SELECT, INSERT',
  payment_tombstones: 'SELECT',
  // The statement that opens an attempt reads if the lane is paused.
  lanes: 'SELECT',
};

/** The same for refunds. */
const REFUNDS = {
  refunds: 'SELECT, UPDATE',
  refund_events: 'SELECT, INSERT',
  refund_attempts: 'SELECT, INSERT, UPDATE',
  refund_status_moves: 'SELECT',
  refund_tombstones: 'SELECT',
};

/** Every process says which keys it has loaded. */
const KEYS = { key_holders: 'SELECT, INSERT, UPDATE, DELETE', key_uses: 'SELECT, INSERT, UPDATE' };

/** All of a terminal but its private key, sealed as it is. `xmin` is its version. */
const TERMINAL_WITHOUT_KEY =
  'SELECT (xmin, id, merchant_id, name, base_url, number, public_key, protocol, callback_encryption, mode, lane, inquiry, paused_at, paused_reason, created_at, absent_after_ms)';

/** Rights by process and table. */
type Rights = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The rights to the payments' database. A process without a table has none to it. */
export const RIGHTS: Rights = {
  api: {
    ...MOVES,
    ...REFUNDS,
    ...KEYS,
    merchants: 'SELECT',
    api_keys: 'SELECT, UPDATE (last_used_at)',
    // Deleted from with FOR UPDATE.
    signature_nonces: 'SELECT, INSERT, UPDATE (expires_at), DELETE',
    payment_batches: 'SELECT, INSERT, UPDATE',
    terminals: TERMINAL_WITHOUT_KEY,
    // Its keys are encrypted for the api: they are those of terminals that opted in.
    drop_ins: 'SELECT',
    payment_intents: 'SELECT, INSERT, UPDATE',
    refunds: 'SELECT, INSERT, UPDATE',
    // Operators change them on the operations page too.
    lanes: 'SELECT, INSERT, UPDATE',
    operator_actions: 'SELECT, INSERT',
    samples: 'SELECT, INSERT, UPDATE',
    worker_lanes: 'SELECT',
    doubt_inquiries: 'SELECT',
    event_replays: 'SELECT, INSERT',
    ended_events: 'SELECT',
    // For the age of a read replica.
    replica_beats: 'SELECT, INSERT, UPDATE',
    // For the operations page: it checks an operator's key by its digest, and revokes none.
    operators: 'SELECT',
    operator_sessions: 'SELECT, INSERT, UPDATE (seen_at), DELETE',
    operator_proposals: 'SELECT, INSERT, UPDATE (decision, decided_by, decided_at)',
  },
  worker: {
    ...MOVES,
    ...REFUNDS,
    ...KEYS,
    terminals: 'SELECT, UPDATE (paused_at, paused_reason, sealed_private_key)',
    drop_ins: 'SELECT, UPDATE (sealed_private_key)',
    doubt_inquiries: 'SELECT, INSERT',
    queue_watch: 'SELECT, INSERT, UPDATE',
    watched_queues: 'SELECT, INSERT, UPDATE',
    leases: 'SELECT, INSERT, UPDATE, DELETE',
    worker_lanes: 'SELECT, INSERT, UPDATE, DELETE',
    samples: 'SELECT, INSERT, UPDATE, DELETE',
    event_replays: 'SELECT, UPDATE',
    // It checks the invariants, of the audit too.
    operator_actions: 'SELECT',
    audit_head: 'SELECT',
    payment_batches: 'SELECT',
    retention: 'SELECT, INSERT, UPDATE',
  },
  // Its callbacks change no payment: it publishes nothing, though the statement that stores them
  // could.
  webhook: { ...MOVES, outbox: 'INSERT', ...KEYS, terminals: 'SELECT' },
  operator: {
    ...MOVES,
    ...REFUNDS,
    ...KEYS,
    merchants: 'SELECT, INSERT',
    api_keys: 'SELECT, INSERT, UPDATE',
    // It seals the keys, and cannot open one.
    terminals: 'SELECT, INSERT, UPDATE',
    drop_ins: 'SELECT, INSERT, UPDATE, DELETE',
    lanes: 'SELECT, INSERT, UPDATE',
    worker_lanes: 'SELECT',
    samples: 'SELECT',
    doubt_inquiries: 'SELECT',
    operators: 'SELECT, INSERT, UPDATE',
    // Those of a revoked operator end.
    operator_sessions: 'SELECT, DELETE',
    operator_proposals: 'SELECT, INSERT, UPDATE',
    operator_actions: 'SELECT, INSERT',
    audit_head: 'SELECT',
    event_replays: 'SELECT, INSERT',
    queue_watch: 'SELECT',
    replica_beats: 'SELECT',
    // For what the next steps of retention end.
    payment_batches: 'SELECT',
    retention: 'SELECT',
    // `doctor` compares it with the files.
    _prisma_migrations: 'SELECT',
  },
};

/**
 * Functions that run with their owner's rights, by the process that may call them. They delete and
 * rewrite what no process may.
 */
const FUNCTIONS: Readonly<Record<string, readonly string[]>> = {
  worker: [
    'erase_personal_data(text[], timestamptz)',
    'end_history(text[], timestamptz)',
    'end_payments(text[], timestamptz)',
    'end_batches(text[], timestamptz)',
  ],
};

/** The order domain's, in its own database. */
export const ORDERS_RIGHTS: Rights = {
  orders: {
    orders: 'SELECT, INSERT, UPDATE',
    order_refunds: 'SELECT, INSERT, UPDATE',
    event_inbox: 'SELECT, INSERT, UPDATE, DELETE',
  },
};

/** The processes that have a role. */
export const PROCESSES: readonly string[] = [RIGHTS, ORDERS_RIGHTS].flatMap(Object.keys);

/** The role of a process in Postgres. */
export function roleOf(process: string): string {
  return `quittance_${process}`;
}

/** The roles of one database. */
export interface DatabaseRoles {
  readonly rights: Rights;
  /** Of their sessions, by name. */
  readonly settings: Readonly<Record<string, string>>;
  /** By process; a role without one cannot log in yet. */
  readonly passwords: Readonly<Record<string, string>>;
}

/**
 * Creates the roles of `rights` and gives them just these rights to the client's database, and
 * their settings. It can be repeated.
 * @param client connected as the owner of the tables, who may create roles
 */
export async function grantRights(
  client: Client,
  { rights, settings, passwords }: DatabaseRoles,
): Promise<void> {
  const database = client.escapeIdentifier(client.database ?? '');
  await client.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  for (const [process, tables] of Object.entries(rights)) {
    const role = client.escapeIdentifier(roleOf(process));
    await ensureRole(client, role, passwords[process]);
    await setForRole(client, roleOf(process), settings);
    await client.query(`GRANT CONNECT ON DATABASE ${database} TO ${role}`);
    await client.query(`REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ${role}`);
    await client.query(`GRANT USAGE ON SCHEMA public TO ${role}`);
    for (const [table, privileges] of Object.entries(tables))
      await client.query(`GRANT ${privileges} ON ${client.escapeIdentifier(table)} TO ${role}`);
    for (const signature of FUNCTIONS[process] ?? [])
      await client.query(`GRANT EXECUTE ON FUNCTION ${signature} TO ${role}`);
  }
}

/** Another migration may create the same role at the same time. `role` is escaped. */
async function ensureRole(
  client: Client,
  role: string,
  password: string | undefined,
): Promise<void> {
  await client.query(`
    DO $$ BEGIN
      CREATE ROLE ${role};
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$`);
  if (password !== undefined)
    await client.query(`ALTER ROLE ${role} LOGIN PASSWORD ${client.escapeLiteral(password)}`);
}
