// The data that exist before the fuzz begins: keys of every kind, and payments in the states that
// requests are about.
import fc from 'fast-check';
import { operate } from '../../../tools/stack/operator.js';
import { openGatewayForm } from '../../chaos/gateway-form.js';
import { Caller } from '../../chaos/payments.js';
import type { ChaosStack } from '../../chaos/stack/chaos-stack.js';
import { inParallel, until } from '../../chaos/waiting.js';
import type { CanaryCard } from '../../leaks/canaries.js';
import { cardFields, RecordingCaller } from '../../leaks/recording-caller.js';
import { sealerFor } from '../../leaks/sealed-cards.js';
import type { Operation } from '../requests/contract.js';

const IN_FLIGHT = 8;
const READY_WITHIN_MS = 60_000;
const ENCRYPTED_CARDS = 12;
const PAUSED = 'paused';

async function prepareKeys(stack: ChaosStack) {
  const { setup, apiKey, opsKey, urls } = stack;
  const key = (owner: string, scopes: string) => ['keys', 'create', owner, `--scopes=${scopes}`];
  const [, other = '', reads = '', writes = '', revoked = ''] = await operate(setup, [
    ['merchants', 'add', 'other'],
    key('--merchant=other', 'payments:read,payments:write,refunds:write'),
    key('--merchant=demo', 'payments:read'),
    key('--merchant=demo', 'payments:write,refunds:write'),
    key('--ops=fuzz', 'ops:write'),
  ]);
  const { protocol, callbacks, publicKey, privateKey } = stack.terminals[0] ?? {};
  const like = `--protocol=${protocol} --callbacks=${callbacks} --public-key=${publicKey}`;
  const add = `terminals add --merchant=demo --name=${PAUSED} --number=42 --mode=test ${like}`;
  await operate(setup, [
    [...add.split(' '), `--private-key=${privateKey}`, `--base-url=${urls.sandbox}`],
    ['terminals', 'pause', PAUSED, '--merchant=demo', '--reason=payments that can be cancelled'],
  ]);
  await stack.query(`UPDATE api_keys SET revoked_at = now() WHERE scopes = '{ops:write}'`);
  return { full: apiKey, ops: opsKey, other, reads, writes, revoked, junk: 'qk_none', none: '' };
}

/** Numbers of payments: paid, of the paused terminal, and those of the paid with a refund. */
type Scale = Readonly<Record<'paid' | 'queued' | 'refunded', number>>;
/** The subjects of a run's requests. */
export type World = Awaited<ReturnType<typeof prepareWorld>>;

export async function prepareWorld(stack: ChaosStack, run: string, card: CanaryCard, scale: Scale) {
  const keys = await prepareKeys(stack);
  const gatewayForm = await openGatewayForm(stack, stack.urls.sandbox);
  const caller = Caller.of(stack);
  const own = stack.terminals.map(({ name }) => name);
  const create = async (kind: string, length: number, terminals: readonly string[]) =>
    inParallel(Array.from({ length }), IN_FLIGHT, async (_, at) => {
      const terminal = terminals[at % terminals.length];
      return (await caller.accept(`${kind}-${run}-${at}`, { terminal })).payment;
    });
  const payments = await create('paid', scale.paid, own);
  const waiting = await create('queued', scale.queued, [PAUSED]);
  const batch = `batch-${run}`;
  const { payment: line } = await caller.acceptInBatch(batch);
  const paid = [...payments, line].map(({ id }) => id);
  const queued = waiting.map(({ id }) => id);
  const unpaid = `SELECT 1 FROM payment_intents WHERE id = ANY ($1) AND status <> 'succeeded' LIMIT 1`;
  const limit = { what: 'the first payments have succeeded', limitMs: READY_WITHIN_MS };
  await until(async () => (await stack.query(unpaid, [paid])).length === 0, limit);
  const asked = payments.slice(0, scale.refunded);
  await inParallel(asked, IN_FLIGHT, (payment) => caller.refund(payment));
  const seal = await sealerFor(new RecordingCaller(stack));
  const sealed = Array.from({ length: ENCRYPTED_CARDS }, () => seal(cardFields(card)));
  const rows = await stack.query<{ id: string }>('SELECT id FROM refunds');
  const refunds = rows.map(({ id }) => id);
  const known = 'SELECT trans_id AS id FROM payment_intents WHERE trans_id IS NOT NULL';
  const transIds = (await stack.query<{ id: string }>(known)).map(({ id }) => id);
  const accepted = [...paid, ...queued, ...refunds];
  return {
    run,
    card,
    /** API keys by name; `full` is for everything. */
    keys: keys as Readonly<Record<string, string>>,
    /** Ids of all that exists. */
    accepted,
    /** Sends nothing. */
    pausedTerminal: PAUSED,
    terminals: [...own, PAUSED],
    /** The card as callers encrypt it. */
    encryptedCards: await Promise.all(sealed),
    gatewayForm,
    webhookUrl: `${stack.urls.sandbox}/sandbox/return`,
    /** References of payments that exist. */
    taken: [...payments, ...waiting].map(({ reference }) => reference),
    host: new URL(stack.urls.api).host,
    /** Mostly ids with which the operation can succeed. */
    ids: ({ path, operationId }: Pick<Operation, 'path' | 'operationId'>) => {
      const byOperation: Record<string, string[]> = {
        cancelPaymentIntent: queued,
        createRefund: paid,
        getPaymentIntentBatch: [batch],
        gatewayFormStatus: transIds,
      };
      const others = path.startsWith('/v1/refunds') ? refunds : [...paid, ...queued];
      return fc.oneof(
        { weight: 7, arbitrary: fc.constantFrom(...(byOperation[operationId] ?? others)) },
        { weight: 1, arbitrary: fc.constantFrom(...accepted) },
      );
    },
  };
}
