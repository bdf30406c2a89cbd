// Goal: the first alert of a kind is visible as growth, so its series exists before it.
import { ALERTS } from '@quittance/payments';
import { createLogger, Metrics } from '@quittance/platform';
import { observeMoves } from './move-metrics.js';
import { observeRefunds } from './refunds/refund-metrics.js';

const log = createLogger({ name: 'test', level: 'silent' });

it.each([
  ['payments', observeMoves, 'quittance_payment_alerts_total'],
  ['refunds', observeRefunds, 'quittance_refund_alerts_total'],
])('counts the alerts about %s from 0', async (_, observe, name) => {
  const metrics = new Metrics();
  observe(metrics, log);
  const lines = (await metrics.registry.metrics()).split('\n');
  expect(lines.filter((line) => line.startsWith(`${name}{`))).toEqual(
    ALERTS.map((kind) => `${name}{kind="${kind}"} 0`),
  );
});
