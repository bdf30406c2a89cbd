// Goal: no callback causes a transition, whatever its form; the gateway's answer to an inquiry
// does. Method: every status × every order_status × plain, encrypted, and plain where encryption
// was requested × true and forged, compared with a table written by hand.
import { decodeCallback } from '@quittance/gateway-protocol';
import { reportOf } from '@quittance/gateway';
import {
  decide,
  ORDER_IS_LOST_AFTER_MS,
  type Payment,
  type TerminalMode,
} from '@quittance/payments';
import type { Terminal } from '@quittance/persistence';
import { aPayment } from '../../../../test/support/payments.js';
import { envelope, fields, JSON_TYPE, KEYS, TRANS_ID } from '../../test/callback-bodies.js';
import {
  type CallbackCase,
  casesOf,
  ON_A_LIVE_TERMINAL,
  ON_A_TEST_TERMINAL,
  STANDING,
} from '../../test/callback-table.js';
import { changeByCallback } from './callback-reception.js';

const NOW = new Date('2026-11-21T12:00:00.000Z');
const LATER = new Date('2026-11-22T12:00:00.000Z');

const terminal = (callbackEncryption: Terminal['callbackEncryption']): Terminal => ({
  id: 'ter_test',
  merchantId: 'mer_test',
  name: 'main',
  baseUrl: 'https://gateway.example',
  number: 42,
  publicKey: KEYS.publicKey,
  sealedPrivateKey: 'sealed',
  protocol: callbackEncryption === 'none' ? 'plain' : 'encrypted',
  callbackEncryption,
  mode: 'test',
  lane: 'default',
  inquiry: 'trans_id',
  absentAfterMs: null,
  pausedReason: null,
  version: '1',
});

const FORMS = [
  { form: 'plain', terminal: terminal('none'), write: (text: string) => text },
  { form: 'encrypted', terminal: terminal('aes256'), write: envelope },
  {
    form: 'plain where encryption was requested',
    terminal: terminal('aes256'),
    write: (text: string) => text,
  },
] as const;
type Form = (typeof FORMS)[number];

function standing(status: Payment['status'], mode: TerminalMode): Payment {
  const { payment } = STANDING[status];
  const submitted = { status, mode, attempt: 1, version: 4, transId: TRANS_ID, nextStepAt: LATER };
  return aPayment({ ...submitted, updatedAt: NOW, ...payment });
}

/** Returns the payment after an inquiry that the gateway answers with `code`. */
function answered(payment: Payment, code: string): Payment {
  const decoded = decodeCallback(JSON_TYPE, JSON.stringify(fields(payment, code)), undefined);
  if (decoded.kind !== 'callback') throw new Error('the sample is not a callback');
  const report = reportOf(decoded.transaction, terminal('none'));
  const isOut = payment.status === 'submitting';
  const reply = { cause: 'reply', outcome: { kind: 'reported', report }, random: 0 } as const;
  const after = isOut ? decide(payment, reply, NOW).next : payment;
  return decide(after, { cause: 'inquiry', answer: { kind: 'reported', report } }, NOW).next;
}

function received(payment: Payment, code: string, { terminal: at, write }: Form) {
  const body = write(JSON.stringify(fields(payment, code)));
  const decoded = decodeCallback(JSON_TYPE, body, KEYS);
  const parts = {
    received: { paymentId: payment.id, contentType: JSON_TYPE, body, receivedAt: NOW },
    decoded: decoded.kind === 'callback' ? decoded : undefined,
  };
  return changeByCallback(payment, at, parts, NOW);
}

/** Expects that a callback changed at most the due time of the inquiry. */
function expectOnlyInquiryDue(payment: Payment, next: Payment, asks: boolean): void {
  const isOut = payment.status === 'submitting';
  const { nextStepAt, hintedAt } = payment;
  const net = new Date(NOW.getTime() + ORDER_IS_LOST_AFTER_MS);
  const asked = { nextStepAt: isOut ? nextStepAt : net, hintedAt: NOW };
  const { asks: _asks, ...after } = next;
  const { asks: _before, ...before } = payment;
  expect(after).toEqual({ ...before, ...(asks ? asked : { nextStepAt, hintedAt }) });
}

/** Returns the stored callback in one form, and its payment after the inquiry. */
function seen({ status, code, verdict }: CallbackCase, mode: TerminalMode, form: Form) {
  const payment = standing(status, mode);
  const { decision, callback } = received(payment, code, form);
  expectOnlyInquiryDue(payment, decision.next, verdict === 'awaiting_inquiry');
  // If the callback is forged, the gateway's record is unchanged. The gateway does not know a
  // payment that was never sent.
  const forged =
    status === 'queued' ? decision.next : answered(decision.next, STANDING[status].code);
  return {
    form: form.form,
    stored: [
      callback?.verdict,
      callback?.reason,
      callback?.isEncrypted,
      callback?.fields['transID'],
    ],
    move: decision.move,
    ifForged: [forged.status, forged.flags],
    ...(verdict === 'awaiting_inquiry' && { ifTrue: answered(decision.next, code).status }),
  };
}

/** Returns the result that the table demands. */
function expected({ status, verdict, reason, confirmed }: CallbackCase, { form }: Form) {
  return {
    form,
    stored: [verdict, reason, form === 'encrypted', TRANS_ID],
    move: null,
    ifForged: [STANDING[status].settled ?? status, []],
    ...(verdict === 'awaiting_inquiry' && { ifTrue: confirmed }),
  };
}

describe('a callback in any form', () => {
  it.each(casesOf(ON_A_TEST_TERMINAL))(
    '$status + $code on a test terminal: $verdict, $confirmed if it is true',
    (each) =>
      expect(FORMS.map((form) => seen(each, 'test', form))).toEqual(
        FORMS.map((form) => expected(each, form)),
      ),
  );

  it.each(casesOf(ON_A_LIVE_TERMINAL))(
    '$status + $code on a live terminal: $verdict, $confirmed if it is true',
    (each) =>
      expect(FORMS.map((form) => seen(each, 'live', form))).toEqual(
        FORMS.map((form) => expected(each, form)),
      ),
  );
});

describe('a callback that does not match its payment', () => {
  const OTHERS = [
    ['another transaction', { transID: '999' }, 'other_transaction'],
    ['another reference', { reference: 'OTHER' }, 'other_reference'],
    ['another amount', { bill_amt: '11.12' }, 'amount_mismatch'],
    ['another currency', { bill_currency: 'USD' }, 'currency_mismatch'],
    ['no amount', { bill_amt: null }, 'incomplete_report'],
  ] as const;

  it.each(OTHERS)('is parked and makes an inquiry due in each form: %s', (_, change, reason) => {
    for (const { terminal: at, write } of FORMS) {
      const payment = standing('processing', 'test');
      const body = write(JSON.stringify(fields(payment, '1', change)));
      const decoded = decodeCallback(JSON_TYPE, body, KEYS);
      const parts = {
        received: { paymentId: payment.id, contentType: JSON_TYPE, body, receivedAt: NOW },
        decoded: decoded.kind === 'callback' ? decoded : undefined,
      };
      const { decision, callback } = changeByCallback(payment, at, parts, NOW);
      expect(callback).toMatchObject({ verdict: 'parked', reason });
      expectOnlyInquiryDue(payment, decision.next, true);
    }
  });
});
