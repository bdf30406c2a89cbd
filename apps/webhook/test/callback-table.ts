// The effect of each callback on a payment in each status, written by hand: the verdict, then the
// payment's status after an inquiry whose answer says the same as the callback.
//
//   *    nothing was sent, so the gateway cannot know the payment: parked, no inquiry
//   =    the callback reports the stored status: ignored
//   -    the callback is older than the stored status: ignored
//   ?    an inquiry is due; the payment keeps its status even if the callback was true (an alert is
//        raised)
//   ?ok  an inquiry is due; if its answer says the same, the payment gets this status (here `ok`)
import {
  type FailureCode,
  paymentStatuses,
  type Payment,
  type PaymentStatus,
} from '@quittance/payments';

/** For a test terminal, where 9, 25, 26 and 27 have a meaning. 99 stands for all unlisted codes. */
export const ON_A_TEST_TERMINAL = `
code               0   1   2   3   5   7   8   9   10  11  22  23  24  25  26  27  28  99
queued             *   *   *   *   *   *   *   *   *   *   *   *   *   *   *   *   *   *
submitting         ?pr ?ok ?de ?rv ?cb ?rv ?rp ?ok ?bl ?di ?ex ?ca ?fa ?ok ?de ?pr ?bl ?id
requiresAction     =   ?ok ?de ?rv ?cb ?rv ?rp ?ok ?bl ?di ?ex ?ca ?fa ?ok ?de =   ?bl ?
processing         =   ?ok ?de ?rv ?cb ?rv ?rp ?ok ?bl ?di ?ex ?ca ?fa ?ok ?de =   ?bl ?
inDoubt            ?pr ?ok ?de ?rv ?cb ?rv ?rp ?ok ?bl ?di ?ex ?ca ?fa ?ok ?de ?pr ?bl ?
succeeded          -   =   ?   ?rv ?cb ?rv ?rp =   ?   ?di -   -   ?   =   ?   -   ?   ?
declined           -   ?   =   ?   ?   ?   ?   ?   -   ?   -   -   -   ?   =   -   -   ?
blocked            -   ?   -   ?   ?   ?   ?   ?   =   ?   -   -   -   ?   -   -   =   ?
failed             -   ?ok -   ?rv ?cb ?rv ?rp ?ok -   ?di -   -   =   ?ok -   -   -   ?
expired            -   ?ok ?de ?rv ?cb ?rv ?rp ?ok ?bl ?di =   ?ca ?fa ?ok ?de -   ?bl ?
cancelled          -   ?ok ?de ?rv ?cb ?rv ?rp ?ok ?bl ?di ?ex =   ?fa ?ok ?de -   ?bl ?
refundPending      -   -   ?   ?rv ?cb ?rv =   -   ?   ?di -   -   ?   -   ?   -   ?   ?
refunded           -   -   ?   =   ?cb =   -   -   ?   ?di -   -   ?   -   ?   -   ?   ?
partiallyRefunded  -   -   ?   =   ?cb =   -   -   ?   ?di -   -   ?   -   ?   -   ?   ?
reversed           -   -   ?   =   ?cb =   -   -   ?   ?di -   -   ?   -   ?   -   ?   ?
chargedBack        -   -   ?   -   =   -   -   -   ?   -   -   -   ?   -   ?   -   ?   ?
disputed           -   ?ok ?   ?rv ?cb ?rv ?rp ?ok ?   =   -   -   ?   ?ok ?   -   ?   ?
`;

/** For test outcomes on a live terminal: they cannot have moved money. */
export const ON_A_LIVE_TERMINAL = `
code               9   25  26  27
queued             *   *   *   *
submitting         ?fa ?fa ?fa ?fa
requiresAction     ?fa ?fa ?fa ?fa
processing         ?fa ?fa ?fa ?fa
inDoubt            ?fa ?fa ?fa ?fa
succeeded          ?   ?   ?   ?
declined           ?   ?   ?   ?
blocked            ?   ?   ?   ?
failed             ?   ?   ?   ?
expired            ?   ?   ?   ?
cancelled          ?   ?   ?   ?
refundPending      ?   ?   ?   ?
refunded           ?   ?   ?   ?
partiallyRefunded  ?   ?   ?   ?
reversed           ?   ?   ?   ?
chargedBack        ?   ?   ?   ?
disputed           ?   ?   ?   ?
`;

/** Unlisted codes that a callback can contain. */
export const UNKNOWN_CODES = ['99', '12', '13', '14', '20', '21', '4', '6', '15', '19', '29', '-1'];

const END: Readonly<Record<string, PaymentStatus>> = {
  pr: 'processing',
  id: 'inDoubt',
  ok: 'succeeded',
  de: 'declined',
  bl: 'blocked',
  fa: 'failed',
  ex: 'expired',
  ca: 'cancelled',
  rp: 'refundPending',
  rv: 'reversed',
  cb: 'chargedBack',
  di: 'disputed',
};

/** One cell: a callback with `code` for a payment in `status`. */
export interface CallbackCase {
  readonly status: PaymentStatus;
  readonly code: string;
  readonly verdict: 'parked' | 'ignored' | 'awaiting_inquiry';
  readonly reason: string;
  /** The payment's status after an inquiry whose answer says the same. */
  readonly confirmed: PaymentStatus;
}

const VERDICTS: Readonly<Record<string, Pick<CallbackCase, 'verdict' | 'reason'>>> = {
  '*': { verdict: 'parked', reason: 'not_at_gateway' },
  '=': { verdict: 'ignored', reason: 'same_status' },
  '-': { verdict: 'ignored', reason: 'no_such_move' },
  '?': { verdict: 'awaiting_inquiry', reason: 'to_be_confirmed' },
};

/**
 * Returns the cells of a table, with 99 replaced by each unlisted code. Throws when a status or a
 * cell is missing.
 */
export function casesOf(table: string): readonly CallbackCase[] {
  const [[, ...codes] = [], ...rows] = table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  if (rows.map(([status]) => status).join() !== paymentStatuses.join())
    throw new Error('The rows are not the statuses.');
  return rows.flatMap(([name, ...cells]) => {
    if (cells.length !== codes.length) throw new Error(`The row of ${name} misses a cell.`);
    const status = name as PaymentStatus;
    return cells.flatMap((cell, at) => {
      const verdict = VERDICTS[cell.slice(0, 1)];
      if (!verdict) throw new Error(`The cell ${cell} has no meaning.`);
      const confirmed = END[cell.slice(1)] ?? status;
      const spelled = codes[at] === '99' ? UNKNOWN_CODES : [codes[at] ?? ''];
      return spelled.map((code) => ({ status, code, ...verdict, confirmed }));
    });
  });
}

interface Standing {
  readonly payment: Partial<Payment>;
  /** The gateway's order_status for the payment, and the payment's status once it is known. */
  readonly code: string;
  readonly settled?: PaymentStatus;
}

const failure = (code: FailureCode) => ({ code, message: 'Words of the gateway' });

/** The state of a payment in each status, here and at the gateway. */
export const STANDING: Readonly<Record<PaymentStatus, Standing>> = {
  queued: { payment: { attempt: 0, transId: null }, code: '0' },
  submitting: { payment: { transId: null }, code: '0', settled: 'processing' },
  requiresAction: { payment: { authUrl: 'https://gateway.example/api/authurl/1' }, code: '0' },
  processing: { payment: {}, code: '0' },
  inDoubt: {
    payment: { transId: null, doubtReason: 'no_reply' },
    code: '0',
    settled: 'processing',
  },
  succeeded: { payment: { orderStatus: '1' }, code: '1' },
  declined: { payment: { failure: failure('declined') }, code: '2' },
  blocked: { payment: { failure: failure('blocked') }, code: '10' },
  failed: { payment: { failure: failure('gateway_failed') }, code: '24' },
  expired: { payment: { orderStatus: '22' }, code: '22' },
  cancelled: { payment: { orderStatus: '23' }, code: '23' },
  refundPending: { payment: { orderStatus: '8' }, code: '8' },
  refunded: { payment: { refundedMinor: 1111n, refundReservedMinor: 1111n }, code: '7' },
  partiallyRefunded: { payment: { refundedMinor: 500n, refundReservedMinor: 500n }, code: '7' },
  reversed: { payment: { orderStatus: '7' }, code: '7' },
  chargedBack: { payment: { orderStatus: '5' }, code: '5' },
  disputed: { payment: { orderStatus: '11' }, code: '11' },
};
