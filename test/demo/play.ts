// Plays one scenario through the public API and compares what became of it with what the scenario
// says.
import { randomBytes } from 'node:crypto';
import { step } from '../../tools/terminal/progress.mjs';
import {
  Orders,
  PaymentsApi,
  Sandbox,
  type LedgerView,
  type OrderView,
  type PaymentView,
} from '../support/clients.js';
import { confirmAsPayer } from './payer.js';
import { paymentRequest, SCENARIOS, type Act, type Scenario } from './scenarios.js';

/**
 * The stack that a scenario is played on. `run` makes references unique, so that the demo can be
 * repeated on the same data.
 */
export interface DemoContext {
  readonly run: string;
  readonly api: PaymentsApi;
  readonly orders: Orders;
  readonly sandbox: Sandbox;
}

/**
 * `problems` is empty exactly when the payment ended as its scenario says; then the rest is there.
 */
export interface DemoResult {
  readonly scenario: Scenario;
  readonly reference: string;
  readonly problems: readonly string[];
  readonly payment?: PaymentView;
  readonly order?: OrderView;
  readonly ledger?: LedgerView;
  /** From the payment's creation to its last change. */
  readonly ms?: number;
}

interface Acting extends Pick<DemoContext, 'api' | 'sandbox'> {
  readonly payment: PaymentView;
  readonly request: Readonly<Record<string, unknown>>;
}

async function playAct(act: Act, { payment, request, api, sandbox }: Acting): Promise<void> {
  if (act.repeat) {
    const again = await api.create(request);
    if (again.payment.id !== payment.id || !again.replayed)
      throw new Error('a second payment was made');
    return;
  }
  if (act.reaches) {
    await untilStatus(api, payment.id, act.reaches);
    return;
  }
  if (act.settle) {
    const isThere = ({ gateway }: PaymentView) => Boolean(gateway?.trans_id);
    const { gateway } = await api.until(payment.id, isThere, 'at the gateway');
    await sandbox.settle(transIdOf(gateway), act.settle);
    return;
  }
  if (act.refund !== undefined) {
    const refund = await api.refund(payment.id, {
      reference: `${String(request['reference'])}-rf`,
      amount: act.refund,
    });
    const { gateway } = await untilStatus(api, payment.id, 'refund_pending');
    if (refund.status !== 'pending') throw new Error(`the refund is ${refund.status}`);
    await sandbox.completeRefund(transIdOf(gateway));
    return;
  }
  const { next_action: next } = await api.until(
    payment.id,
    (now) => now.next_action !== null,
    'waiting for the payer',
  );
  if (next !== null && act.payer !== undefined) await confirmAsPayer(next.url, act.payer);
}

const untilStatus = (api: PaymentsApi, id: string, wanted: string): Promise<PaymentView> =>
  api.until(id, ({ status }) => status === wanted, wanted);

function transIdOf(gateway: PaymentView['gateway']): string {
  if (typeof gateway?.trans_id === 'string') return gateway.trans_id;
  throw new Error('the gateway has given no transID');
}

/** The differences from the scenario, in words; empty when there are none. */
function compare(
  scenario: Scenario,
  { payment, order, ledger }: { payment: PaymentView; order: OrderView; ledger: LedgerView },
): string[] {
  const problems: string[] = [];
  const check = (holds: boolean, text: string) => {
    if (!holds) problems.push(text);
  };
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

const age = ({ created_at: from, updated_at: to }: PaymentView) =>
  new Date(to).getTime() - new Date(from).getTime();

/** Plays a scenario to its end. */
export async function playScenario(
  scenario: Scenario,
  { run, api, orders, sandbox }: DemoContext,
): Promise<DemoResult> {
  const reference = `demo-${run}-${scenario.name}`;
  const request = paymentRequest(scenario, { reference, returnUrl: sandbox.returnUrl });
  try {
    if (scenario.fault) await sandbox.fault(scenario.fault);
    const { payment: accepted } = await api.create(request);
    for (const act of scenario.acts ?? []) {
      await playAct(act, { payment: accepted, request, api, sandbox });
    }
    const payment = await untilStatus(api, accepted.id, scenario.ends);
    const order = await orders.until(reference, payment.version);
    const ledger = await sandbox.ledger(reference);
    const problems = compare(scenario, { payment, order, ledger });
    return { scenario, reference, problems, payment, order, ledger, ms: age(payment) };
  } catch (error) {
    return {
      scenario,
      reference,
      problems: [error instanceof Error ? error.message : String(error)],
    };
  }
}

/**
 * Plays scenarios, those that are not `alone` side by side. Results come in the order of the
 * scenarios.
 */
export async function playAll(
  scenarios: readonly Scenario[],
  context: DemoContext,
  onEnd: (ended: number) => void = () => {},
): Promise<DemoResult[]> {
  let ended = 0;
  const play = async (scenario: Scenario) => {
    const result = await playScenario(scenario, context);
    onEnd((ended += 1));
    return result;
  };
  const results = await Promise.all(scenarios.filter(({ alone }) => !alone).map(play));
  for (const scenario of scenarios.filter(({ alone }) => alone)) results.push(await play(scenario));
  return results.toSorted((a, b) => scenarios.indexOf(a.scenario) - scenarios.indexOf(b.scenario));
}

/** Plays every scenario on a running stack. */
export function runDemo(stack: {
  readonly urls: Readonly<Record<'api' | 'orders' | 'sandbox', string>>;
  readonly apiKey: string;
}): Promise<DemoResult[]> {
  const context = {
    run: randomBytes(3).toString('hex'),
    api: new PaymentsApi(stack.urls.api, stack.apiKey),
    orders: new Orders(stack.urls.orders),
    sandbox: new Sandbox(stack.urls.sandbox),
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
