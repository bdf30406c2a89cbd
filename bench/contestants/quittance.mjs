// Quittance as it runs in production: five processes from dist/, each with its own keys, and a merchant like the demo's.
import { join } from 'node:path';
import { migrateBoth, onDatabase } from '../../tools/database/databases.mjs';
import { dataPath } from '../../tools/place.mjs';
import { APPS } from '../../tools/stack/apps.mjs';
import { ensureKeys } from '../../tools/stack/keys.ts';
import { anyPorts } from '../../tools/stack/ports.ts';
import { registerTerminals, seedMerchant } from '../../tools/stack/seed.ts';
import { Stack } from '../../tools/stack/stack.ts';
import { step } from '../../tools/terminal/progress.mjs';

const PRODUCTION = { NODE_ENV: 'production', LOG_LEVEL: 'warn' };

const COUNT_FINAL = `SELECT count(*)::int AS count FROM orders WHERE payment_status = 'succeeded'`;
const STORED = `
  SELECT subject AS id, received_at FROM event_inbox
  WHERE type = 'payment.succeeded.v1' AND received_at >= $1`;
// Those approved in the reply itself never had a callback to wait for. A callback has the gateway asked, and notes that it did.
const CALLBACK_SHARE = `
  SELECT avg((hinted_at IS NOT NULL)::int)::float8 AS share FROM payment_events JOIN payment_intents p ON p.id = payment_id
  WHERE payment_events.status = 'succeeded' AND cause <> 'reply'`;
const ACCEPTED = `SELECT id, created_at FROM payment_intents WHERE created_at >= $1`;

async function launchAll(stack, nodeOptionsOf) {
  for (const { name } of APPS) stack.launch(name, nodeOptionsOf(name));
  await Promise.all(APPS.map(({ name }) => stack.untilReady(name)));
}

async function addMerchant(stack, setup, { session, terminals }) {
  const file = join(dataPath(), `merchant-${process.pid}.json`);
  session.removeAtEnd(file);
  const merchant = await seedMerchant({ setup, urls: stack.urls, terminals, file });
  const { sandbox: sandboxUrl } = stack.urls;
  await registerTerminals({ sandboxUrl, merchant: merchant.merchant, terminals });
  return merchant;
}

/** The two databases keep the two ends of a payment; the bench joins them by its id. */
async function readTimes({ databaseUrl, ordersDatabaseUrl }, since) {
  const from = [new Date(since)];
  const read = (url, statement) => onDatabase(url, (client) => client.query(statement, from));
  const [accepted, stored] = await Promise.all([
    read(databaseUrl, ACCEPTED),
    read(ordersDatabaseUrl, STORED),
  ]);
  const acceptedAt = new Map(accepted.rows.map(({ id, created_at }) => [id, created_at.getTime()]));
  return stored.rows
    .filter(({ id }) => acceptedAt.has(id))
    .map(({ id, received_at }) => ({
      acceptedAt: acceptedAt.get(id),
      storedAt: received_at.getTime(),
    }));
}

/** A payment without its callback still ends well, by the schedule, only seconds later: that must not pass unnoticed. */
async function callbackShare(databaseUrl) {
  const { rows } = await onDatabase(databaseUrl, (client) => client.query(CALLBACK_SHARE));
  return rows[0].share;
}

/**
 * Starts the stack.
 * @param {import('../../tools/processes/session.mjs').Session} session
 * @param {{ servers: object, nodeOptionsOf: (process: string) => object }} options `nodeOptionsOf` adds to a process's environment
 * @returns the contestant (see rounds.mjs), with `sandbox` and the `terminal` it pays through, for the other one to use
 */
export async function startQuittance(session, { servers, nodeOptionsOf }) {
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
    const process = (name) => ({ name, pid: stack.process(name).pid });
    return {
      name: 'quittance',
      url: stack.urls.api,
      path: '/v1/payment-intents',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${merchant.apiKey}`,
      },
      processes: ['api', 'worker', 'webhook', 'orders'].map(process),
      countFinal: (client) => client.query(COUNT_FINAL),
      ordersDatabaseUrl: databases.ordersDatabaseUrl,
      readTimes: (since) => readTimes(databases, since),
      callbackShare: () => callbackShare(databases.databaseUrl),
      ended: stack.untilOneEnds(),
      sandbox: { url: stack.urls.sandbox, process: process('sandbox') },
      terminal: terminals.find(({ name }) => name === 'main'),
    };
  });
}
