// What each callback does to a payment in each status, written out by hand: first what is kept of
// it, then where the payment stands when the gateway, asked, says the same. *     nothing has been
// sent, so that the gateway cannot know of it: parked, nothing is asked =     says what is on
// record: ignored        -   older news than what is on record: ignored ?     the gateway is asked;
// the payment stays where it is even if the callback was true (a person is called) ?ok … the
// gateway is asked; if it says the same, the payment goes there
import { paymentStatuses, type Payment, type PaymentStatus } from '@quittance/payments';

/**
 * On a test terminal, where 9, 25, 26 and 27 mean something. 99 stands for every unpublished code.
 */
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

/** Test outcomes on a live terminal: no money can have moved by them. */
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

/** Unpublished codes, as a callback can carry them. */
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

/** One cell: a callback with `code` to a payment in `status`. */
export interface CallbackCase {
  readonly status: PaymentStatus;
  readonly code: string;
  readonly verdict: 'parked' | 'ignored' | 'awaiting_inquiry';
  readonly reason: string;
  /** Where the payment stands once the gateway has said the same. */
  readonly confirmed: PaymentStatus;
}

const KEPT_AS: Readonly<Record<string, Pick<CallbackCase, 'verdict' | 'reason'>>> = {
  '*': { verdict: 'parked', reason: 'not_at_gateway' },
  '=': { verdict: 'ignored', reason: 'same_status' },
  '-': { verdict: 'ignored', reason: 'no_such_move' },
  '?': { verdict: 'awaiting_inquiry', reason: 'to_be_confirmed' },
};

/**
 * The cells of a table, 99 once for each unknown code. @throws Error when a status or a cell is
 * missing.
 */
export function casesOf(table: string): readonly CallbackCase[] {
  const [[, ...codes] = [], ...rows] = table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  if (rows.map(([status]) => status).join() !== paymentStatuses.join())
    throw new Error('The rows are not the statuses.');
  return rows.flatMap(([name, ...cells]) => {
    if (cells.length !== codes.length) throw new Error(`The row of ${name} has a hole.`);
    const status = name as PaymentStatus;
    return cells.flatMap((cell, at) => {
      const kept = KEPT_AS[cell.slice(0, 1)];
      if (!kept) throw new Error(`No callback is ${cell}.`);
      const confirmed = END[cell.slice(1)] ?? status;
      const spelled = codes[at] === '99' ? UNKNOWN_CODES : [codes[at] ?? ''];
      return spelled.map((code) => ({ status, code, ...kept, confirmed }));
    });
  });
}

interface Standing {
  readonly payment: Partial<Payment>;
  /** What the gateway's record says of it, and where that leaves it. */
  readonly code: string;
  readonly settled?: PaymentStatus;
}

const failure = (code: string) => ({ code, message: 'Words of the gateway' });

/** What is true of a payment in a status, here and at the gateway. */
export const STANDING: Readonly<Record<PaymentStatus, Standing>> = {
  queued: { payment: { attempt: 0, transId: null }, code: '0' },
  submitting: { payment: { transId: null }, code: '0', settled: 'processing' },
  requiresAction: { payment: { authUrl: 'https://gateway.example/api/authurl/1' }, code: '0' },
  processing: { payment: {}, code: '0' },
  inDoubt: {
    payment: { transId: null, doubtReason: 'timeout' },
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
