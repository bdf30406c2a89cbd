// The payments whose callbacks are forged. The gateway has decided some of them, and its real callbacks were caught on the way; others
// it still holds open, and what is sent about them it never said.
import { paymentRequest } from '../../chaos/payments.ts';
import { SandboxControl } from '../../chaos/sandbox-control.ts';
import { inParallel, until } from '../../chaos/waiting.ts';
import { readGenerously } from './wire.mjs';

/**
 * @typedef {object} Subject
 * @property {string} id
 * @property {string} reference
 * @property {{ name: string, publicKey: string, privateKey: string, callbacks: string }} terminal
 * @property {string} transId
 * @property {string} amount
 * @property {string} currency
 * @property {string} code what the gateway's ledger says of it
 * @property {string} token of its callback address
 * @property {Record<string, unknown>} fields of its callback
 * @property {{ contentType: string, body: Buffer } | undefined} real its callback as the gateway sent it, where it sent one
 */

/** What the gateway says of a payment, and the only place that leads to. */
export const ENDS = {
  1: 'succeeded',
  2: 'declined',
  5: 'charged_back',
  7: 'reversed',
  8: 'refund_pending',
  10: 'blocked',
  11: 'disputed',
  22: 'expired',
  23: 'cancelled',
  24: 'failed',
};
/** The codes that its acquirer can lead an open payment to, by a callback (protocol §5.3); the others are set by its people. */
const SETTLED_BY_ACQUIRER = ['1', '2', '22', '23'];
export const OPEN_STATUSES = ['requires_action', 'processing'];
/** The gateway's word for a payment it holds open. */
export const OPEN_CODE = '0';

const UNDER_WAY = 8;
const LIMIT_MS = 30_000;

export async function prepareSubjects({ stack, recorder, run, perKind, key, tokenOf }) {
  const sandbox = new SandboxControl(stack.urls.sandbox);
  await sandbox.acquirer({ match: { reference_prefix: 'cb-' }, reply: OPEN_CODE });
  const plans = stack.terminals.flatMap((terminal) =>
    [...Object.keys(ENDS), OPEN_CODE].flatMap((code) =>
      Array.from({ length: perKind }, () => ({ terminal, code })),
    ),
  );
  const parts = { stack, sandbox, recorder, run, key, tokenOf };
  const subjects = await inParallel(plans, UNDER_WAY, (plan, at) => prepared(plan, at, parts));
  return subjects.map((subject) => (subject.real ? subject : withTwinFields(subject, subjects)));
}

async function prepared({ terminal, code }, at, { stack, sandbox, recorder, run, key, tokenOf }) {
  const reference = `cb-${run}-${at}`;
  const amount = `${10 + at}.50`;
  const { name } = terminal;
  const body = paymentRequest(reference, {
    sandboxUrl: stack.urls.sandbox,
    terminal: name,
    amount,
  });
  const response = await fetch(`${stack.urls.api}/v1/payment-intents`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { id } = await response.json();
  const transId = await until(() => heldOpen(stack, id), {
    what: `${reference} is open`,
    limitMs: LIMIT_MS,
  });
  const subject = {
    id,
    reference,
    terminal,
    transId,
    amount,
    currency: body.currency,
    code,
    token: tokenOf(id),
  };
  if (code === OPEN_CODE) return subject;
  if (!SETTLED_BY_ACQUIRER.includes(code)) {
    await sandbox.edit(transId, code);
    return subject;
  }
  recorder.withhold(id);
  await sandbox.settle(transId, code);
  const real = await until(() => recorder.of(id), {
    what: `a callback of ${reference}`,
    limitMs: LIMIT_MS,
  });
  return { ...subject, real, fields: readGenerously(real.body, terminal).fields };
}

async function heldOpen(stack, id) {
  const [row] = await stack.query(
    'SELECT status::text, trans_id FROM payment_intents WHERE id = $1',
    [id],
  );
  return OPEN_STATUSES.includes(row?.status) ? row.trans_id : undefined;
}

/** What the gateway said of another payment of the terminal, as if it were about this one. */
function withTwinFields(subject, subjects) {
  const twin = subjects.find(({ real, terminal }) => real && terminal === subject.terminal);
  const { transId: transID, reference, amount: bill_amt } = subject;
  return { ...subject, fields: { ...twin.fields, transID, reference, bill_amt } };
}
