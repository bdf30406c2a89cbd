// The payments whose callbacks are forged. The gateway has decided some of them, and its callbacks
// were caught on the way; it holds others open and never said what is sent about them.
import { decryptAes256, parseExact } from '@quittance/gateway-protocol';
import { callbackToken, parseKeySet } from '@quittance/vault';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TerminalWithKeys } from '../../../tools/stack/terminals.js';
import { Caller } from '../../chaos/payments.js';
import { SandboxControl } from '../../chaos/sandbox-control.js';
import { inParallel, until } from '../../chaos/waiting.js';
import type { Members } from '../hostile/members.js';
import type { PartOptions } from '../part.js';
import { RECEIVED } from '../stack/stack.js';

/** The gateway's codes of a payment, and the only status that each leads to. */
const ENDS_OF_CODES = `1 succeeded, 2 declined, 5 charged_back, 7 reversed, 8 refund_pending,
  10 blocked, 11 disputed, 22 expired, 23 cancelled, 24 failed`;
export const ENDS: Readonly<Record<string, string>> = Object.fromEntries(
  ENDS_OF_CODES.split(/,\s+/).map((pair) => pair.split(' ') as [string, string]),
);
/** The gateway's code of a payment that it holds open, and the statuses it stands for. */
export const OPEN_CODE = '0';
export const OPEN_STATUSES = ['requires_action', 'processing'];
/** The codes that its acquirer sets by a callback (§5.3); its people set the others. */
const SETTLED_BY_ACQUIRER = ['1', '2', '22', '23'];
const IN_FLIGHT = 8;
const LIMIT_MS = 30_000;
const OPEN = `SELECT trans_id AS "transId" FROM payment_intents
  WHERE id = $1 AND status::text = ANY ($2)`;

/** The fields of a callback that the gateway sent; numbers as text. */
function fieldsOf(body: string, terminal: TerminalWithKeys): Members {
  const fieldsIn = (text: string): Members =>
    text.startsWith('{')
      ? { ...Object(parseExact(text)) }
      : Object.fromEntries(new URLSearchParams(text));
  const outer = fieldsIn(body);
  const { transID, data } = outer;
  const isSealed = transID === undefined && typeof data === 'string';
  return isSealed ? fieldsIn(decryptAes256(data, terminal)) : outer;
}

/** A payment whose callbacks are forged. */
export type Subject = Awaited<ReturnType<typeof prepareSubjects>>[number];

/** Creates the payments, `perKind` for each terminal and each code of the gateway. */
export async function prepareSubjects(options: PartOptions) {
  const { stack, recorder, run, perKind, answered } = options;
  // From now on no callback reaches the webhook app but those of the fuzz.
  recorder.script = () => RECEIVED;
  const sandbox = new SandboxControl(stack.urls.sandbox);
  await sandbox.acquirer({ match: { reference_prefix: 'cb-' }, reply: OPEN_CODE });
  // As the worker makes the token of an address.
  const keys = parseKeySet(readFileSync(join(stack.setup.keyFolder, 'worker.json'), 'utf8'));
  const caller = Caller.of(stack);
  const codes = [...Object.keys(ENDS), OPEN_CODE];
  const plans = stack.terminals.flatMap((terminal) =>
    codes.flatMap((code) => Array.from({ length: perKind }, () => ({ terminal, code }))),
  );
  const prepare = async ({ terminal, code }: (typeof plans)[number], at: number) => {
    const reference = `cb-${run}-${at}`;
    const wait = <T>(look: () => T | Promise<T>) =>
      until(look, { what: reference, limitMs: LIMIT_MS });
    const amount = `${10 + at}.50`;
    const accepted = await caller.accept(reference, { terminal: terminal.name, amount });
    const { id } = accepted.payment;
    answered.accepted.add(id);
    const { transId } = await wait(
      async () => (await stack.query<{ transId: string }>(OPEN, [id, OPEN_STATUSES]))[0],
    );
    const { token } = callbackToken(id, keys);
    const about: Members = { transID: transId, reference, bill_amt: amount };
    const isSettled = SETTLED_BY_ACQUIRER.includes(code);
    if (isSettled) await sandbox.settle(transId, code);
    else if (code !== OPEN_CODE) await sandbox.edit(transId, code);
    const sent = () => recorder.requests.findLast(({ path }) => path.includes(`/${id}.`));
    const real = isSettled ? await wait(sent) : undefined;
    const fields = real ? fieldsOf(real.body, terminal) : about;
    return { id, token, reference, terminal, code, real, fields };
  };
  const subjects = await inParallel(plans, IN_FLIGHT, prepare);
  // Of another payment of the terminal, as if they were about this one.
  const twinOf = ({ terminal }: { terminal: TerminalWithKeys }) =>
    subjects.find((one) => one.real && one.terminal === terminal);
  return subjects.map((one) => ({ ...one, fields: { ...twinOf(one)?.fields, ...one.fields } }));
}
