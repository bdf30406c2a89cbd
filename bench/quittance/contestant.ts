// Quittance as it runs in production: five processes from dist/, each with its own keys, and a
// merchant like the demo's.
import { join } from 'node:path';
import { migrateBoth, onDatabase } from '@quittance/databases';
import { dataPath } from '../../tools/place.mjs';
import type { Session } from '../../tools/processes/session.js';
import type { AppName } from '../../tools/stack/apps.js';
import { anyPorts } from '../../tools/stack/ports.js';
import { seedMerchant } from '../../tools/stack/seed.js';
import { startStack } from '../../tools/stack/stack.js';
import { step } from '../../tools/terminal/progress.mjs';
import { ROLES, type Contestant, type Gateway, type MeasuredProcess } from '../contestant.js';
import type { Servers } from '../servers.js';

/** With the sandbox and the terminal, for the others to use. */
type WithSandbox = Contestant & { readonly gateway: Gateway; readonly sandbox: MeasuredProcess };

const PRODUCTION = { NODE_ENV: 'production', LOG_LEVEL: 'warn' };

const ACCEPTED = 'SELECT id, created_at AS at FROM payment_intents WHERE created_at >= $1';
const STORED = `
  SELECT subject AS id, received_at AS at FROM event_inbox
  WHERE type = 'payment.succeeded.v1' AND received_at >= $1`;
// A payment that was approved in the reply has no callback to wait for. A callback triggers an
// inquiry and leaves its time. Without one the schedule ends the payment seconds later, which must
// not pass unnoticed.
const CALLBACK_SHARE = `
  SELECT coalesce(avg((hinted_at IS NOT NULL)::int), 0)::float8 AS finished_by_callback
  FROM payment_events JOIN payment_intents p ON p.id = payment_id
  WHERE payment_events.status = 'succeeded' AND cause <> 'reply'`;

/** Starts the stack. Its figures include `finished_by_callback`, the share of its payments. */
export function startQuittance(session: Session, servers: Servers): Promise<WithSandbox> {
  return step('Quittance', async (say) => {
    const databaseUrl = servers.databaseUrl('quittance');
    const ordersDatabaseUrl = servers.databaseUrl('quittance_orders');
    const keyFolder = join(dataPath(), 'keys');
    const setup = {
      ports: await anyPorts(),
      databaseUrl,
      ordersDatabaseUrl,
      redisUrl: servers.redis.url,
      keyFolder,
      logFolder: dataPath('logs'),
      extra: PRODUCTION,
    };
    say('migrating');
    await migrateBoth(setup);
    say('starting');
    const stack = await startStack(session, setup);
    const { urls } = stack;
    const file = join(dataPath(), `merchant-${process.pid}.json`);
    session.removeAtEnd(file);
    const { apiKey, terminals } = await seedMerchant(stack, { file });
    const terminal = terminals.find(({ name }) => name === 'main');
    if (terminal === undefined) throw new Error('there is no terminal main');
    say('5 processes');
    const ended = stack.untilOneEnds();
    ended.catch(() => {});
    const measured = (name: AppName) => ({ name, pid: stack.process(name)?.pid ?? 0 });
    return {
      name: 'quittance',
      url: urls.api,
      apiKey,
      processes: ROLES.map(measured),
      accepted: { databaseUrl, text: ACCEPTED },
      stored: { databaseUrl: ordersDatabaseUrl, text: STORED },
      ended,
      moreFigures: () =>
        onDatabase(databaseUrl, async (client) => (await client.query(CALLBACK_SHARE)).rows[0]),
      gateway: { url: urls.sandbox, terminal },
      sandbox: measured('sandbox'),
    };
  });
}
