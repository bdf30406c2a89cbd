// Quittance as it runs in production: five processes from dist/, each with its own keys, and a
// merchant like the demo's.
import { join } from 'node:path';
import { migrateBoth, onDatabase } from '@quittance/databases';
import type { ClientBase } from 'pg';
import { dataPath } from '../../tools/place.mjs';
import type { Session } from '../../tools/processes/session.js';
import type { AppName } from '../../tools/stack/apps.js';
import { anyPorts } from '../../tools/stack/ports.js';
import { seedMerchant } from '../../tools/stack/seed.js';
import { Stack } from '../../tools/stack/stack.js';
import { step } from '../../tools/terminal/progress.mjs';
import { ROLES, timesFrom, type Contestant } from '../contestant.js';
import type { Servers } from '../servers.js';

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

/**
 * Starts the stack, with the sandbox and the terminal for the others to use. `settings` are more
 * settings of every process. Its figures include `finished_by_callback`, the share of its payments.
 */
export function startQuittance(
  session: Session,
  { databaseUrl: urlOf, redis }: Servers,
  settings: Readonly<Record<string, string>> = {},
) {
  return step('Quittance', async (say) => {
    const databaseUrl = urlOf('quittance');
    const ordersDatabaseUrl = urlOf('quittance_orders');
    const folder = session.temporaryFolder('quittance');
    const setup = {
      ports: await anyPorts(),
      databaseUrl,
      ordersDatabaseUrl,
      redisUrl: redis.url,
      keyFolder: join(folder, 'keys'),
      logFolder: dataPath('logs'),
      // One generation of the gateway for all figures; the bare version reads no other's callbacks.
      extra: { NODE_ENV: 'production', LOG_LEVEL: 'warn', SANDBOX_GENERATION: 'b', ...settings },
    };
    say('migrating');
    await migrateBoth(setup);
    say('starting');
    const stack = await new Stack(session, setup).start();
    const { apiKey, terminals } = await seedMerchant(stack, join(folder, 'demo.json'));
    say('5 processes');
    const ended = stack.untilOneEnds();
    ended.catch(() => {});
    const measured = (name: AppName) => ({ name, pid: stack.process(name)?.pid ?? 0 });
    const share = (client: ClientBase) => client.query(CALLBACK_SHARE);
    const quittance: Contestant = {
      name: 'quittance',
      url: stack.urls.api,
      apiKey,
      processes: ROLES.map(measured),
      accepted: timesFrom(databaseUrl, ACCEPTED),
      stored: timesFrom(ordersDatabaseUrl, STORED),
      ended,
      moreFigures: async () => (await onDatabase(databaseUrl, share)).rows[0],
    };
    const terminal = terminals.find(({ name }) => name === 'main')!;
    return {
      stack,
      quittance,
      sandbox: measured('sandbox'),
      gateway: { url: stack.urls.sandbox, terminal },
    };
  });
}
