// The payments whose callbacks are forged. The gateway has decided some of them, and its callbacks
// were caught on the way; it holds others open and never said what is sent about them.
import { decryptAes256, parseExact } from '@quittance/gateway-protocol';
import { callbackToken, parseKeySet } from '@quittance/vault';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TerminalWithKeys } from '../../../tools/stack/terminals.js';
import { Caller } from '../../chaos/payments.js';
import { SandboxControl } from '../../chaos/sandbox-control.js';
import type { ChaosStack } from '../../chaos/stack/chaos-stack.js';
import { inParallel, until } from '../../chaos/waiting.js';
import type { Recorder } from '../stack/stack.js';
import type { Fields, Subject } from './arbitraries.js';

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

/** The fields of a callback that the gateway sent; numbers as text. */
function fieldsOf(body: Buffer, terminal: TerminalWithKeys): Fields {
  const fieldsIn = (text: string): Fields =>
    text.startsWith('{')
      ? { ...Object(parseExact(text)) }
      : Object.fromEntries(new URLSearchParams(text));
  const outer = fieldsIn(body.toString());
  const { transID, data } = outer;
  const isSealed = transID === undefined && typeof data === 'string';
  return isSealed ? fieldsIn(decryptAes256(data, terminal)) : outer;
}

/** Creates the payments, `perKind` for each terminal and each code of the gateway. */
export async function prepareSubjects(
  stack: ChaosStack,
  recorder: Recorder,
  { run, perKind }: { run: string; perKind: number },
): Promise<Subject[]> {
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
    const amount = `${10 + at}.50`;
    const accepted = await caller.accept(reference, { terminal: terminal.name, amount });
    const { id } = accepted.payment;
    const opened = { what: `${reference} is open`, limitMs: LIMIT_MS };
    const transId = await until(() => openTransId(stack, id), opened);
    const { token } = callbackToken(id, keys);
    const subject = { id, reference, terminal, transId, amount, code, token };
    if (SETTLED_BY_ACQUIRER.includes(code)) {
      recorder.withheld.add(id);
      await sandbox.settle(transId, code);
      const sent = { what: `a callback of ${reference}`, limitMs: LIMIT_MS };
      const real = await until(() => recorder.recorded.get(id), sent);
      return { ...subject, real, fields: fieldsOf(real.body, terminal) };
    }
    if (code !== OPEN_CODE) await sandbox.edit(transId, code);
    return { ...subject, real: undefined, fields: {} };
  };
  const subjects = await inParallel(plans, IN_FLIGHT, prepare);
  return subjects.map((subject) => (subject.real ? subject : withTwinFields(subject, subjects)));
}

async function openTransId(stack: ChaosStack, id: string): Promise<string | undefined> {
  const [row] = await stack.query<{ status: string; trans_id: string }>(
    'SELECT status::text, trans_id FROM payment_intents WHERE id = $1',
    [id],
  );
  return row && OPEN_STATUSES.includes(row.status) ? row.trans_id : undefined;
}

/** The gateway's fields of another payment of the terminal, as if they were about this one. */
function withTwinFields(subject: Subject, subjects: readonly Subject[]): Subject {
  const twin = subjects.find(({ real, terminal }) => real && terminal === subject.terminal);
  const { transId: transID, reference, amount: bill_amt } = subject;
  return { ...subject, fields: { ...twin?.fields, transID, reference, bill_amt } };
}
