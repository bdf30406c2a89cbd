// `npm start`: the whole stack with real parts, the demo payments on the first start, and then it
// stays up until Ctrl-C. `npm run dev` (`--watch`) builds again and restarts the processes when a
// source file changes.
import { setTimeout as pause } from 'node:timers/promises';
import { runDemo } from '../../test/demo/play.js';
import { PaymentsApi } from '../../test/support/clients.js';
import { buildAll, fingerprint } from '../build.js';
import type { Session } from '../processes/session.js';
import { bringUp, type LocalStack } from '../stack/up.js';
import type { Stack } from '../stack/stack.js';
import { heading, step, tell } from '../terminal/progress.mjs';

const WATCH_EVERY_MS = 1_000;

function sample(sandboxUrl: string): string {
  const body = {
    reference: `TRY-${Date.now().toString(36)}`,
    terminal: 'main',
    amount: '11.11',
    currency: 'EUR',
    product_name: 'Two tickets',
    method: 'CC',
    card: { number: '4111111111111111', cvv: '123', exp_month: '01', exp_year: '30' },
    return_url: `${sandboxUrl}/sandbox/return`,
  };
  return [
    'curl -s $API/v1/payment-intents -H "Authorization: Bearer $KEY"',
    `-H 'Content-Type: application/json' -H 'Prefer: wait=10'`,
    `-d '${JSON.stringify(body)}'`,
  ].join(' \\\n    ');
}

/** A server of our own with its password, which nothing else prints; else the variable's name. */
const shown = (variable: 'DATABASE_URL' | 'REDIS_URL', url: string): string =>
  process.env[variable] ? `that of ${variable}` : url;

function welcome({ stack: { urls }, merchant, databaseUrl, redisUrl }: LocalStack): void {
  const { api, sandbox, orders } = urls;
  const places: [string, string][] = [
    ['API key', `export KEY=${merchant.apiKey} API=${api} SANDBOX=${sandbox} ORDERS=${orders}`],
    ['operations', `${api}/ops  key: ${merchant.opsKey}`],
    ['API docs', `${api}/docs`],
    ['order domain', `${orders}/orders/<reference>`],
    ['sandbox', `${sandbox}/sandbox/ledger (docs/sandbox.md: cards, faults, refunds)`],
    ['Postgres', shown('DATABASE_URL', databaseUrl)],
    ['Redis', shown('REDIS_URL', redisUrl)],
    ['logs', '.data/logs/'],
  ];
  heading('Quittance is up. Ctrl-C stops everything.');
  for (const [name, place] of places) tell(`  ${name.padEnd(14)} ${place}`);
  tell(
    '\n  A payment to try, after that export. Open its next_action.url in a browser; the one-time' +
      '\n  password is 123456:\n',
  );
  tell(`  ${sample(sandbox)}\n`);
}

/**
 * Plays the demo payments on an empty database only: a restart would bury a person's own payments
 * under 17 more.
 */
export async function playOnce({
  stack: { urls },
  merchant: { apiKey },
}: Pick<LocalStack, 'stack' | 'merchant'>): Promise<void> {
  const api = new PaymentsApi(urls.api, apiKey);
  if (await api.isEmpty()) await runDemo({ urls, apiKey });
  else await step('payments', async (say) => say('present; the demo is not repeated'));
}

/** Builds and restarts after every change. A build that fails is shown, and the old code stays. */
async function rebuildOnChange(stack: Stack): Promise<never> {
  for (let last = fingerprint(); ; await pause(WATCH_EVERY_MS)) {
    const now = fingerprint();
    if (now === last) continue;
    last = now;
    try {
      await buildAll();
      await stack.stop();
      await stack.start();
      tell('  restarted');
    } catch (error) {
      tell(`  ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

export async function start(session: Session, args: readonly string[]): Promise<void> {
  heading('Quittance');
  const local = await bringUp(session);
  const { stack } = local;
  const ended = args.includes('--watch') ? rebuildOnChange(stack) : stack.untilOneEnds();
  ended.catch(() => {});
  await Promise.race([playOnce(local), ended]);
  welcome(local);
  await ended;
}
