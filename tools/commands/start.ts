// `npm start`: the whole stack with real parts, the demo payments, and then it stays up until
// Ctrl-C. `npm run dev` (`--watch`) builds again and restarts the processes when a source file
// changes.
import { runDemo } from '../../test/demo/play.js';
import type { Session } from '../processes/session.js';
import type { SeededMerchant } from '../stack/seed.js';
import type { Stack } from '../stack/stack.js';
import { bringUp } from '../stack/up.js';
import { rebuildOnChange } from '../stack/watch.js';
import { heading, tell } from '../terminal/progress.mjs';

function sample(urls: Stack['urls'], apiKey: string): string {
  const body = {
    reference: `TRY-${Date.now().toString(36)}`,
    terminal: 'main',
    amount: '11.11',
    currency: 'EUR',
    product_name: 'Two tickets',
    method: 'CC',
    card: { number: '4111111111111111', cvv: '123', exp_month: '01', exp_year: '30' },
    return_url: `${urls.sandbox}/sandbox/return`,
  };
  return [
    `curl -s ${urls.api}/v1/payment-intents`,
    `-H 'Authorization: Bearer ${apiKey}'`,
    `-H 'Content-Type: application/json' -H 'Prefer: wait=10'`,
    `-d '${JSON.stringify(body)}'`,
  ].join(' \\\n    ');
}

function welcome(urls: Stack['urls'], { apiKey, opsKey }: SeededMerchant): void {
  const places: [string, string][] = [
    ['API', `${urls.api}/v1`],
    ['API docs', `${urls.api}/docs`],
    ['queues', `${urls.api}/ops/queues (any user, password ${opsKey})`],
    ['order domain', `${urls.orders}/orders/<reference>`],
    ['sandbox', `${urls.sandbox}/sandbox/ledger`],
    ['logs', '.data/logs/'],
  ];
  heading('Quittance is up. Ctrl-C stops everything.');
  for (const [name, place] of places) tell(`  ${name.padEnd(14)} ${place}`);
  tell(
    '\n  A payment to try. Open its next_action.url in a browser; the one-time password is 123456:\n',
  );
  tell(`  ${sample(urls, apiKey)}\n`);
}

export async function start(session: Session, args: readonly string[]): Promise<void> {
  heading('Quittance');
  const { stack, merchant } = await bringUp(session);
  const ended = args.includes('--watch') ? rebuildOnChange(stack) : stack.untilOneEnds();
  ended.catch(() => {});
  await Promise.race([runDemo({ urls: stack.urls, apiKey: merchant.apiKey }), ended]);
  welcome(stack.urls, merchant);
  await ended;
}
