// Plays one scenario through the public API and compares what became of it with what the scenario says.
import { confirmAsPayer } from './payer.mjs';
import { paymentRequest } from './scenarios.mjs';

async function playAct(act, { payment, request, api, sandbox }) {
  if (act.repeat) {
    const again = await api.create(request);
    if (again.payment.id !== payment.id || !again.replayed)
      throw new Error('a second payment was made');
    return;
  }
  if (act.reaches) {
    await api.until(payment.id, ({ status }) => status === act.reaches, act.reaches);
    return;
  }
  if (act.settle) {
    const { gateway } = await api.until(
      payment.id,
      (now) => Boolean(now.gateway?.trans_id),
      'at the gateway',
    );
    await sandbox.settle(gateway.trans_id, act.settle);
    return;
  }
  if (act.refund !== undefined) {
    const refund = await api.refund(payment.id, {
      reference: `${request.reference}-rf`,
      amount: act.refund,
    });
    const { gateway } = await api.until(
      payment.id,
      ({ status }) => status === 'refund_pending',
      'refund_pending',
    );
    if (refund.status !== 'pending') throw new Error(`the refund is ${refund.status}`);
    await sandbox.completeRefund(gateway.trans_id);
    return;
  }
  const { next_action: next } = await api.until(
    payment.id,
    (now) => now.next_action !== null,
    'waiting for the payer',
  );
  await confirmAsPayer(next.url, act.payer);
}

/** What differs from the scenario, in words; empty when all is as it should be. */
function compare(scenario, { payment, order, ledger }) {
  const problems = [];
  const check = (holds, text) => holds || problems.push(text);
  check(payment.status === scenario.ends, `ended ${payment.status} instead of ${scenario.ends}`);
  const code = payment.gateway?.order_status;
  check(
    scenario.code === undefined || code === scenario.code,
    `gateway code ${code} instead of ${scenario.code}`,
  );
  check(
    order.payment_status === payment.status,
    `the order domain believes ${order.payment_status}`,
  );
  const sequences = order.events.map(({ sequence }) => sequence).toSorted((a, b) => a - b);
  check(
    sequences.every((sequence, index) => sequence === index + 1),
    `event numbers ${sequences.join(' ')}`,
  );
  const charges = ledger.data.filter(({ charged }) => charged).length;
  check(charges === (scenario.charged ? 1 : 0), `charged ${charges} times`);
  // Every one counts, also one the gateway refused: each could have moved money.
  const requests = ledger.received.length;
  check(requests === 1, `${requests} create requests reached the gateway`);
  const refunds = scenario.acts?.some(({ refund }) => refund !== undefined) ? 1 : 0;
  const asked = ledger.data.reduce((sum, row) => sum + row.refund_requests, 0);
  check(asked === refunds, `${asked} refund requests reached the gateway`);
  return problems;
}

const age = ({ created_at: from, updated_at: to }) =>
  new Date(to).getTime() - new Date(from).getTime();

/**
 * Plays a scenario to its end.
 * @param {object} scenario one of SCENARIOS
 * @param {{ run: string, api: import('./clients.mjs').PaymentsApi, orders: import('./clients.mjs').Orders, sandbox: import('./clients.mjs').Sandbox }} context
 *   `run` makes references unique, so that the demo can be repeated on the same data
 * @returns {Promise<{ scenario: object, reference: string, problems: string[], payment?: object, order?: object, ledger?: object, ms?: number }>}
 */
export async function playScenario(scenario, { run, api, orders, sandbox }) {
  const reference = `demo-${run}-${scenario.name}`;
  const request = paymentRequest(scenario, { reference, returnUrl: sandbox.returnUrl });
  try {
    if (scenario.fault) await sandbox.fault(scenario.fault);
    const { payment: accepted } = await api.create(request);
    for (const act of scenario.acts ?? []) {
      await playAct(act, { payment: accepted, request, api, sandbox });
    }
    const payment = await api.until(
      accepted.id,
      ({ status }) => status === scenario.ends,
      scenario.ends,
    );
    const order = await orders.until(reference, payment.version);
    const ledger = await sandbox.ledger(reference);
    const problems = compare(scenario, { payment, order, ledger });
    return { scenario, reference, problems, payment, order, ledger, ms: age(payment) };
  } catch (error) {
    return { scenario, reference, problems: [error.message] };
  }
}

/**
 * Plays scenarios, those that disturb nobody side by side.
 * @returns {Promise<object[]>} results in the order of the scenarios
 */
export async function playAll(scenarios, context, onEnd = () => {}) {
  const results = new Map();
  const play = async (scenario) => {
    results.set(scenario, await playScenario(scenario, context));
    onEnd(results.size);
  };
  await Promise.all(scenarios.filter(({ alone }) => !alone).map(play));
  for (const scenario of scenarios.filter(({ alone }) => alone)) await play(scenario);
  return scenarios.map((scenario) => results.get(scenario));
}
