// Pushes the demo payments through a running stack.
import { randomBytes } from 'node:crypto';
import { step } from '../terminal/progress.mjs';
import { Orders, PaymentsApi, Sandbox } from './clients.mjs';
import { playAll } from './play.mjs';
import { SCENARIOS } from './scenarios.mjs';

/**
 * Plays every scenario.
 * @param {{ urls: { api: string, orders: string, sandbox: string }, apiKey: string }} stack
 * @returns {Promise<object[]>} results, see `playScenario`
 */
export function runDemo({ urls, apiKey }) {
  const context = {
    run: randomBytes(3).toString('hex'),
    api: new PaymentsApi(urls.api, apiKey),
    orders: new Orders(urls.orders),
    sandbox: new Sandbox(urls.sandbox),
  };
  return step('payments', async (say) => {
    const results = await playAll(SCENARIOS, context, (done) =>
      say(`${done} of ${SCENARIOS.length} ended`),
    );
    const asExpected = results.filter(({ problems }) => problems.length === 0).length;
    say(`${asExpected} of ${results.length} ended as their scenario says`);
    return results;
  });
}
