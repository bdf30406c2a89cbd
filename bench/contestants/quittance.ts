// Quittance as it runs in production: five processes from dist/, each with its own keys, and a
// merchant like the demo's.
import { join } from 'node:path';
import { migrateBoth, onDatabase } from '@quittance/databases';
import { dataPath } from '../../tools/place.mjs';
import type { DatabaseUrls } from '@quittance/databases';
import type { Session } from '../../tools/processes/session.js';
import { APPS, type AppName } from '../../tools/stack/apps.js';
import { ensureKeys, type TerminalWithKeys } from '../../tools/stack/keys.js';
import { anyPorts } from '../../tools/stack/ports.js';
import { registerTerminals, seedMerchant, type SeededMerchant } from '../../tools/stack/seed.js';
import { Stack, type StackSetup } from '../../tools/stack/stack.js';
import { step } from '../../tools/terminal/progress.mjs';
import {
  countBy,
  type Contestant,
  type ContestantOptions,
  type MeasuredProcess,
} from './contestant.js';

/** With the sandbox and the terminal it pays through, for the others to use. */
export interface QuittanceContestant extends Contestant {
  readonly sandbox: { readonly url: string; readonly process: MeasuredProcess };
  readonly terminal: TerminalWithKeys;
  /** The share of its payments that a callback has finished. */
  callbackShare(): Promise<number>;
}

type Options = Pick<ContestantOptions, 'servers' | 'nodeOptionsOf'>;

const PRODUCTION = { NODE_ENV: 'production', LOG_LEVEL: 'warn' };

const COUNT_FINAL = `SELECT count(*)::int AS count FROM orders WHERE payment_status = 'succeeded'`;
const STORED = `
  SELECT subject AS id, received_at FROM event_inbox
  WHERE type = 'payment.succeeded.v1' AND received_at >= $1`;
// Those approved in the reply itself never had a callback to wait for. A callback has the gateway
// asked, and notes that it did.
const CALLBACK_SHARE = `
  SELECT avg((hinted_at IS NOT NULL)::int)::float8 AS share FROM payment_events JOIN payment_intents p ON p.id = payment_id
  WHERE payment_events.status = 'succeeded' AND cause <> 'reply'`;
const ACCEPTED = `SELECT id, created_at FROM payment_intents WHERE created_at >= $1`;

async function launchAll(stack: Stack, nodeOptionsOf: Options['nodeOptionsOf']): Promise<void> {
  for (const { name } of APPS) stack.launch(name, nodeOptionsOf(name));
  await Promise.all(APPS.map(({ name }) => stack.untilReady(name)));
}

async function addMerchant(
  stack: Stack,
  setup: StackSetup,
  { session, terminals }: { session: Session; terminals: readonly TerminalWithKeys[] },
): Promise<SeededMerchant> {
  const file = join(dataPath(), `merchant-${process.pid}.json`);
  session.removeAtEnd(file);
  const merchant = await seedMerchant({ setup, urls: stack.urls, terminals, file });
  const { sandbox: sandboxUrl } = stack.urls;
  await registerTerminals({ sandboxUrl, merchant: merchant.merchant, terminals });
  return merchant;
}

/** The two databases keep the two ends of a payment; the bench joins them by its id. */
async function readTimes({ databaseUrl, ordersDatabaseUrl }: DatabaseUrls, since: number) {
  const from = [new Date(since)];
  const [accepted, stored] = await Promise.all([
    onDatabase(databaseUrl, (client) =>
      client.query<{ id: string; created_at: Date }>(ACCEPTED, from),
    ),
    onDatabase(ordersDatabaseUrl, (client) =>
      client.query<{ id: string; received_at: Date }>(STORED, from),
    ),
  ]);
  const acceptedAt = new Map(accepted.rows.map(({ id, created_at }) => [id, created_at.getTime()]));
  return stored.rows.flatMap(({ id, received_at }) => {
    const at = acceptedAt.get(id);
    return at === undefined ? [] : [{ acceptedAt: at, storedAt: received_at.getTime() }];
  });
}

/**
 * A payment without its callback still ends well, by the schedule, only seconds later: that must
 * not pass unnoticed.
 */
async function callbackShare(databaseUrl: string): Promise<number> {
  const { rows } = await onDatabase(databaseUrl, (client) =>
    client.query<{ share: number }>(CALLBACK_SHARE),
  );
  return rows[0]?.share ?? 0;
}

/** Starts the stack. */
export async function startQuittance(
  session: Session,
  { servers, nodeOptionsOf }: Options,
): Promise<QuittanceContestant> {
  return step('Quittance', async (say) => {
    const databases = {
      databaseUrl: servers.databaseUrl('quittance'),
      ordersDatabaseUrl: servers.databaseUrl('quittance_orders'),
    };
    say('migrating');
    await migrateBoth(databases);
    const keyFolder = join(dataPath(), 'keys');
    const { terminals } = await ensureKeys(keyFolder);
    const folders = { keyFolder, logFolder: dataPath('logs') };
    const ports = await anyPorts();
    const redisUrl = servers.redis.url;
    const setup = { ports, ...databases, redisUrl, ...folders, extra: PRODUCTION };
    const stack = new Stack(session, setup);
    say('starting');
    await launchAll(stack, nodeOptionsOf);
    const merchant = await addMerchant(stack, setup, { session, terminals });
    say(`${APPS.length} processes`);
    const process = (name: AppName) => ({ name, pid: stack.process(name)?.pid ?? 0 });
    const terminal = terminals.find(({ name }) => name === 'main');
    if (terminal === undefined) throw new Error('there is no terminal main');
    return {
      name: 'quittance',
      url: stack.urls.api,
      path: '/v1/payment-intents',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${merchant.apiKey}`,
      },
      processes: (['api', 'worker', 'webhook', 'orders'] as const).map(process),
      countFinal: (client) => countBy(client, COUNT_FINAL),
      ordersDatabaseUrl: databases.ordersDatabaseUrl,
      readTimes: (since) => readTimes(databases, since),
      callbackShare: () => callbackShare(databases.databaseUrl),
      ended: stack.untilOneEnds(),
      sandbox: { url: stack.urls.sandbox, process: process('sandbox') },
      terminal,
    };
  });
}
