// Goal: a field that is present but unreadable invalidates a report: in every field that a decision
// depends on, in every malformed shape, in every kind of message. Method: valid messages of each
// kind with one field corrupted, from the bytes to the decision.
import { decodeCallback, encryptAes256 } from '@quittance/gateway-protocol';
import { decide, decideRefund, type Payment, type Refund } from '@quittance/payments';
import { aPayment } from '../../../test/support/payments.js';
import { aPaidPayment, aRefundOf } from '../../../test/support/refunds.js';
import {
  interpretRefundReply,
  interpretReply,
  interpretStatus,
  reportOf,
} from './interpret-reply.js';

const NOW = new Date('2026-11-21T10:01:00.000Z');
const TERMINAL = { number: 77 };
const KEYS = {
  publicKey: 'WO6QnIPePdYlwbm6OjpIIwQvhsHaV4ioHp6MH2/xjlQ=',
  privateKey: 'a-private-key-that-no-log-shows',
};
const TRANS_ID = '100135250426141606';

const good = (orderStatus: string) => ({
  transID: TRANS_ID,
  order_status: orderStatus,
  reference: 'ORD-1001',
  bill_amt: '11.11',
  bill_currency: 'EUR',
  ccno: '401200XXXXXX0026',
  terNO: '77',
  authurl: 'https://gateway.example/api/authurl/1',
  response: 'ok',
  tdate: '2026-11-21 10:00:00.000001',
});
type Fields = Record<string, unknown>;

const sent: Partial<Payment> = { reference: 'ORD-1001', attempt: 1 };
const submitting = () => aPayment({ ...sent, status: 'submitting', version: 2 });
const processing = () => aPayment({ ...sent, status: 'processing', transId: TRANS_ID });
const doubtful = () => aPayment({ ...sent, status: 'inDoubt', doubtReason: 'no_reply' });

/** The effect of a message on a payment or its refund. */
interface Effect {
  readonly isBelieved: boolean;
  readonly doubtReason: string | null;
}
const ok = (body: Fields) =>
  ({ kind: 'replied', httpStatus: 200, body: JSON.stringify(body) }) as const;

function createReply(fields: Fields): Effect {
  const outcome = interpretReply(ok(fields), TERMINAL);
  const { next } = decide(submitting(), { cause: 'reply', outcome, random: 0 }, NOW);
  return { isBelieved: next.status !== 'inDoubt', doubtReason: next.doubtReason };
}

function statusReply(fields: Fields): Effect {
  const answer = interpretStatus(ok(fields), TERMINAL);
  const { next, move } = decide(doubtful(), { cause: 'inquiry', answer }, NOW);
  return { isBelieved: move !== null, doubtReason: next.doubtReason };
}

function refundReply(fields: Fields): Effect {
  const payment = aPaidPayment({ reference: 'ORD-1001', transId: TRANS_ID });
  const refund: Refund = { ...aRefundOf(payment), status: 'submitting', version: 2, attempt: 1 };
  const outcome = interpretRefundReply(ok(fields), TERMINAL);
  const reply = { cause: 'reply', outcome, random: 0 } as const;
  const { next } = decideRefund({ payment, refund }, reply, NOW);
  return { isBelieved: next.status !== 'inDoubt', doubtReason: next.doubtReason };
}

function called(contentType: string, body: string): Effect {
  const decoded = decodeCallback(contentType, body, KEYS);
  if (decoded.kind !== 'callback') return { isBelieved: false, doubtReason: decoded.reason };
  const report = reportOf(decoded.transaction, TERMINAL);
  const decision = decide(processing(), { cause: 'callback', report }, NOW);
  return { isBelieved: !decision.isDisbelieved, doubtReason: decision.unmoved };
}

const JSON_TYPE = 'application/json';
const raw = (fields: Fields) =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('&');
const sealed = (payload: string) =>
  called(
    JSON_TYPE,
    JSON.stringify({
      private_key: KEYS.privateKey,
      public_key: KEYS.publicKey,
      data: encryptAes256(payload, KEYS),
    }),
  );

interface Kind {
  readonly name: string;
  readonly effectOf: (fields: Fields) => Effect;
  /** The code of a valid message of this kind. */
  readonly code: string;
  /** True for a query string, which contains only texts. */
  readonly isTextOnly?: true;
}
const KINDS: readonly Kind[] = [
  { name: 'the reply to a create', effectOf: createReply, code: '1' },
  { name: 'the reply to a create that a payer has to confirm', effectOf: createReply, code: '0' },
  { name: 'a status reply', effectOf: statusReply, code: '1' },
  { name: 'the reply to a refund', effectOf: refundReply, code: '8' },
  { name: 'a plain callback', effectOf: (w) => called(JSON_TYPE, JSON.stringify(w)), code: '1' },
  { name: 'an encrypted callback', effectOf: (w) => sealed(JSON.stringify(w)), code: '1' },
  {
    name: 'an encrypted query string',
    effectOf: (w) => sealed(raw(w)),
    code: '1',
    isTextOnly: true,
  },
  {
    name: 'a form',
    effectOf: (w) => called('application/x-www-form-urlencoded', encodeURI(raw(w))),
    code: '1',
    isTextOnly: true,
  },
];

/** Texts that are not valid identifiers, or not ours, whatever they look like. */
const ODD = ['\u200BX', 'X\u200B', 'X\uFEFF', 'X\u202E', 'X\u0007', '\u0000', '   '];
/** Values that are not texts. A boolean is read as a text that is valid in no field. */
const NO_TEXT = [[], {}, ['9999.00'], { a: 1 }, [['x']], true, false];

const AMOUNTS = [
  ...'1,110.00 11,11 NaN Infinity 1E400 1e-400 0x0B 11..11 +11.11 ١١.١١ １１.１１ 11. .5'.split(
    ' ',
  ),
  '11.11 EUR',
  ' 11.11',
  '9'.repeat(65),
];
const CARDS = '4012000033330026 401200XXXXXX00266 visa 26 ٠٠٢٦'.split(' ');

/** The field's name in the reason, its names on the wire, and its unreadable values. */
const FIELDS: readonly [field: string, names: string[], shapes: unknown[]][] = [
  ['reference', ['reference'], [...ODD, ...NO_TEXT.slice(0, 5)]],
  ['currency', ['bill_currency'], [...ODD, ...NO_TEXT.slice(0, 5)]],
  ['amount', ['bill_amt'], [...AMOUNTS, ...ODD, ...NO_TEXT]],
  ['terminal', ['terNO', 'terno'], ['77.0', '-77', '0x4D', '٧٧', ' 77', '7 7', ...ODD, ...NO_TEXT]],
  ['card', ['ccno'], [...CARDS, '4012 00XX XXXX 0026', 'invalid card', ...ODD, ...NO_TEXT]],
];
const rows = KINDS.flatMap(({ isTextOnly, ...kind }) =>
  FIELDS.flatMap(([field, names, shapes]) =>
    names.map((wireName) => ({
      ...kind,
      field,
      wireName,
      shapes: shapes.filter((shape) => !isTextOnly || typeof shape === 'string'),
    })),
  ),
);

describe.each(KINDS)('$name', ({ effectOf, code }) => {
  it('is believed unchanged', () => {
    expect(effectOf(good(code))).toMatchObject({ isBelieved: true });
  });

  it.each(['', 'null'])(
    'is believed with optional fields of %j, which counts as missing',
    (nothing) => {
      const fields = { ...good(code), ccno: nothing, terNO: nothing };
      expect(effectOf(fields)).toMatchObject({ isBelieved: true });
    },
  );

  it('is believed with odd texts in fields that no decision depends on', () => {
    const odd = { response: 'X\u200B', tdate: 'never', mop: '?', rrn: '\u0007', upa: '\u0000' };
    expect(effectOf({ ...good(code), ...odd })).toMatchObject({ isBelieved: true });
  });

  it.each(['Invalid Card', '0026', '4012****0026', 'XXXX', '****0026'])(
    'is believed with the card %j',
    (ccno) => {
      expect(effectOf({ ...good(code), ccno })).toMatchObject({ isBelieved: true });
    },
  );

  it.each([
    ['other_card', { ccno: '424242XXXXXX4242' }],
    ['other_card', { ccno: '4242****0026' }],
    ['other_card', { ccno: '4012****4242' }],
    ['other_card', { ccno: '4242' }],
    ['other_terminal', { terNO: '78' }],
    ['unreadable_terminal', { terNO: '77', terno: '78' }],
    ['other_reference', { reference: '\u041ERD-1001' }],
    ['other_reference', { reference: 'ORD-1001\u00A0' }],
    ['other_reference', { reference: 'true' }],
    ['currency_mismatch', { bill_currency: 'E\u00DAR' }],
  ])('is not believed: %s', (reason, corrupted) => {
    expect(effectOf({ ...good(code), ...corrupted })).toEqual({
      isBelieved: false,
      doubtReason: reason,
    });
  });

  it.each(['transID', 'order_status'])('is not believed with an invalid %s', (wireName) => {
    for (const shape of ['1.0E17', '01x', ' 1', '١', '\u0000', [TRANS_ID], {}, true, ['1']])
      expect(effectOf({ ...good(code), [wireName]: shape })).toMatchObject({ isBelieved: false });
  });
});

it.each(rows)('$name is not believed with an unreadable $wireName', (row) => {
  const { effectOf, code, field, wireName, shapes } = row;
  const { terNO, tdate, ...others } = good(code);
  const fields = field === 'terminal' ? others : { ...others, terNO };
  for (const shape of shapes) {
    // The corrupted field is not the last one, because a query string loses trailing blanks.
    const effect = { shape, ...effectOf({ ...fields, [wireName]: shape, tdate }) };
    expect(effect).toEqual({ shape, isBelieved: false, doubtReason: `unreadable_${field}` });
  }
});

describe('an authurl that is not a web address', () => {
  const shapes = ['javascript:alert(1)', '/api/authurl/1', 'ftp://x', ' https://x', [], {}, true];

  it.each(shapes.map((authurl) => [authurl]))(
    'leaves doubt when the payer has to visit it: %j',
    (authurl) => {
      const doubt = { isBelieved: false, doubtReason: 'unreadable_authurl' };
      expect(createReply({ ...good('0'), authurl })).toEqual(doubt);
      expect(createReply({ ...good('1'), authurl })).toMatchObject({ isBelieved: true });
    },
  );
});

it.each([{}, [], ['Transaction is already in Refund Request Processed'], { text: 'x' }, '\u0000'])(
  'does not accept a refund whose message may be a refusal: %j',
  (message) => {
    expect(refundReply({ ...good('8'), message })).toMatchObject({ isBelieved: false });
  },
);
