// What is there before the fuzz begins: keys of every kind, and payments in the states that requests are about.
import { operate } from '../../../tools/stack/operator.ts';
import { paymentRequest } from '../../chaos/payments.ts';
import { inParallel, until } from '../../chaos/waiting.ts';

const UNDER_WAY = 8;
const READY_WITHIN_MS = 60_000;
/** One in so many ids is another's, or of another kind. */
const STRAY_ONE_IN = 8;
const PAUSED = 'paused';

async function keysOf(stack) {
  const { setup, apiKey, opsKey, terminals } = stack;
  const keyOf = (owner, scopes) => ['keys', 'create', owner, `--scopes=${scopes}`];
  const key = (merchant, scopes) => keyOf(`--merchant=${merchant}`, scopes);
  const [, other, reads, writes, revoked] = await operate(setup, [
    ['merchants', 'add', 'other'],
    key('other', 'payments:read,payments:write,refunds:write'),
    key('demo', 'payments:read'),
    key('demo', 'payments:write,refunds:write'),
    keyOf('--ops=fuzz', 'ops:write'),
  ]);
  const [{ number: _number, name: _name, ...terminal }] = terminals;
  await operate(setup, [
    [
      'terminals',
      'add',
      '--merchant=demo',
      `--name=${PAUSED}`,
      '--number=42',
      '--mode=test',
      `--base-url=${stack.urls.sandbox}`,
      `--protocol=${terminal.protocol}`,
      `--callbacks=${terminal.callbacks}`,
      `--public-key=${terminal.publicKey}`,
      `--private-key=${terminal.privateKey}`,
    ],
    ['terminals', 'pause', PAUSED, '--merchant=demo', '--reason=payments that can be cancelled'],
  ]);
  await stack.query(`UPDATE api_keys SET revoked_at = now() WHERE scopes = '{ops:write}'`);
  return { full: apiKey, ops: opsKey, other, reads, writes, revoked, junk: 'qk_nobody', none: '' };
}

export class World {
  /** @param {{ keys: object, pools: Record<string, string[]>, told: Set<string>, taken: string[], run: string, stack: object }} parts */
  constructor({ keys, pools, told, taken, run, stack }) {
    this.keys = keys;
    this.run = run;
    this.taken = taken;
    this.told = told;
    this.apiUrl = stack.urls.api;
    this.host = new URL(stack.urls.api).host;
    this.terminals = [...stack.terminals.map(({ name }) => name), PAUSED];
    this.pausedTerminal = PAUSED;
    this.#pools = pools;
  }

  #pools;

  /** @param {{ run: string, paid: number, queued: number, refunded: number }} scale how many payments there are */
  static async prepare(stack, { run, paid, queued, refunded }) {
    const keys = await keysOf(stack);
    const taken = [];
    const make = async (reference, terminal, wait) => {
      taken.push(reference);
      const body = paymentRequest(reference, { sandboxUrl: stack.urls.sandbox, terminal });
      return post(stack, keys.full, '/v1/payment-intents', body, wait);
    };
    const numbers = (count) => Array.from({ length: count }, (_, at) => at);
    const { terminals } = stack;
    const pools = {
      paid: await inParallel(numbers(paid), UNDER_WAY, (at) =>
        make(`paid-${run}-${at}`, terminals[at % terminals.length].name, { prefer: 'wait=10' }),
      ),
      queued: await inParallel(numbers(queued), UNDER_WAY, (at) =>
        make(`queued-${run}-${at}`, PAUSED),
      ),
    };
    await untilPaid(stack, pools.paid);
    pools.refunds = await inParallel(pools.paid.slice(0, refunded), UNDER_WAY, (id, at) =>
      post(stack, keys.full, `/v1/payment-intents/${id}/refunds`, { reference: `rf-${run}-${at}` }),
    );
    const told = new Set(Object.values(pools).flat());
    return new World({ keys, pools, told, taken, run, stack });
  }

  /** An id for the path of an operation; mostly one with which it can succeed. */
  ids({ path, operationId }, random) {
    const { paid, queued, refunds } = this.#pools;
    if (random.below(STRAY_ONE_IN) === 0) return random.pick([...paid, ...queued, ...refunds]);
    if (path.startsWith('/v1/refunds')) return random.pick(refunds);
    if (operationId === 'cancelPaymentIntent') return random.pick(queued);
    return random.pick(operationId === 'createRefund' ? paid : [...paid, ...queued]);
  }
}

async function post(stack, key, path, body, headers = {}) {
  const response = await fetch(stack.urls.api + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer.id;
}

function untilPaid(stack, ids) {
  const look = async () => {
    const rows = await stack.query(
      `SELECT 1 FROM payment_intents WHERE id = ANY ($1) AND status <> 'succeeded' LIMIT 1`,
      [ids],
    );
    return rows.length === 0;
  };
  return until(look, { what: 'the first payments have succeeded', limitMs: READY_WITHIN_MS });
}
