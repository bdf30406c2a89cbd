// Goal: what is there and cannot be read speaks against a report: in every field that something
// depends on, in every shape, in every kind of word the gateway has. Method: good words of each
// kind with one field spoilt, from the bytes to the decision.
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
type Words = Record<string, unknown>;

const sent: Partial<Payment> = { reference: 'ORD-1001', attempt: 1 };
const submitting = () => aPayment({ ...sent, status: 'submitting', version: 2 });
const processing = () => aPayment({ ...sent, status: 'processing', transId: TRANS_ID });
const doubtful = () => aPayment({ ...sent, status: 'inDoubt', doubtReason: 'timeout' });

/**
 * What a payment, or its refund, learned: whether it was believed, and what it is in doubt about.
 */
interface Heard {
  readonly isBelieved: boolean;
  readonly doubtReason: string | null;
}
const ok = (body: Words) =>
  ({ kind: 'replied', httpStatus: 200, body: JSON.stringify(body) }) as const;

function createReply(words: Words): Heard {
  const outcome = interpretReply(ok(words), TERMINAL);
  const { next } = decide(submitting(), { cause: 'reply', outcome, random: 0 }, NOW);
  return { isBelieved: next.status !== 'inDoubt', doubtReason: next.doubtReason };
}

function statusReply(words: Words): Heard {
  const answer = interpretStatus(ok(words), TERMINAL);
  const { next, move } = decide(doubtful(), { cause: 'inquiry', answer }, NOW);
  return { isBelieved: move !== null, doubtReason: next.doubtReason };
}

function refundReply(words: Words): Heard {
  const payment = aPaidPayment({ reference: 'ORD-1001', transId: TRANS_ID });
  const refund: Refund = { ...aRefundOf(payment), status: 'submitting', version: 2, attempt: 1 };
  const outcome = interpretRefundReply(ok(words), TERMINAL);
  const reply = { cause: 'reply', outcome, random: 0 } as const;
  const { next } = decideRefund({ payment, refund }, reply, NOW);
  return { isBelieved: next.status !== 'inDoubt', doubtReason: next.doubtReason };
}

function called(contentType: string, body: string): Heard {
  const decoded = decodeCallback(contentType, body, KEYS);
  if (decoded.kind !== 'callback') return { isBelieved: false, doubtReason: decoded.reason };
  const report = reportOf(decoded.transaction, TERMINAL);
  const decision = decide(processing(), { cause: 'callback', report }, NOW);
  return { isBelieved: !decision.isDisbelieved, doubtReason: decision.unmoved };
}

const JSON_TYPE = 'application/json';
const raw = (words: Words) =>
  Object.entries(words)
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
  readonly hear: (words: Words) => Heard;
  /** The code that this kind of word has when all is well. */
  readonly code: string;
  /** A query string has texts only. */
  readonly isTextOnly?: true;
}
const KINDS: readonly Kind[] = [
  { name: 'the reply to a create', hear: createReply, code: '1' },
  { name: 'the reply to a create that a payer has to confirm', hear: createReply, code: '0' },
  { name: 'a status reply', hear: statusReply, code: '1' },
  { name: 'the reply to a refund', hear: refundReply, code: '8' },
  { name: 'a plain callback', hear: (w) => called(JSON_TYPE, JSON.stringify(w)), code: '1' },
  { name: 'an encrypted callback', hear: (w) => sealed(JSON.stringify(w)), code: '1' },
  { name: 'an encrypted query string', hear: (w) => sealed(raw(w)), code: '1', isTextOnly: true },
  {
    name: 'a form',
    hear: (w) => called('application/x-www-form-urlencoded', encodeURI(raw(w))),
    code: '1',
    isTextOnly: true,
  },
];

/** Texts that are no identifier, or no identifier of ours, whatever they look like. */
const ODD = ['\u200BX', 'X\u200B', 'X\uFEFF', 'X\u202E', 'X\u0007', '\u0000', '   '];
/** What is no text at all; a boolean is read as a word, and no field's. */
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

/** The word of the fault, the wire names of the field, and shapes it cannot be read in. */
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

describe.each(KINDS)('$name', ({ hear, code }) => {
  it('is believed as it is', () => {
    expect(hear(good(code))).toMatchObject({ isBelieved: true });
  });

  it.each(['', 'null'])('is believed where it says %j, which is nothing', (nothing) => {
    const words = { ...good(code), ccno: nothing, terNO: nothing };
    expect(hear(words)).toMatchObject({ isBelieved: true });
  });

  it('is believed with odd words that nothing depends on', () => {
    const odd = { response: 'X\u200B', tdate: 'never', mop: '?', rrn: '\u0007', upa: '\u0000' };
    expect(hear({ ...good(code), ...odd })).toMatchObject({ isBelieved: true });
  });

  it.each(['Invalid Card', '0026', '4012****0026', 'XXXX', '****0026'])(
    'is believed with the card %j',
    (ccno) => {
      expect(hear({ ...good(code), ccno })).toMatchObject({ isBelieved: true });
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
  ])('is not believed: %s', (reason, spoilt) => {
    expect(hear({ ...good(code), ...spoilt })).toEqual({ isBelieved: false, doubtReason: reason });
  });

  it.each(['transID', 'order_status'])('is none at all with a %s that is none', (wireName) => {
    for (const shape of ['1.0E17', '01x', ' 1', '١', '\u0000', [TRANS_ID], {}, true, ['1']])
      expect(hear({ ...good(code), [wireName]: shape })).toMatchObject({ isBelieved: false });
  });
});

it.each(rows)('$name is not believed with an unreadable $wireName', (row) => {
  const { hear, code, field, wireName, shapes } = row;
  const { terNO, tdate, ...others } = good(code);
  const words = field === 'terminal' ? others : { ...others, terNO };
  for (const shape of shapes) {
    // Not at the end, where a query string loses its blanks.
    const heard = { shape, ...hear({ ...words, [wireName]: shape, tdate }) };
    expect(heard).toEqual({ shape, isBelieved: false, doubtReason: `unreadable_${field}` });
  }
});

describe('an authurl that nobody can be sent to', () => {
  const shapes = ['javascript:alert(1)', '/api/authurl/1', 'ftp://x', ' https://x', [], {}, true];

  it.each(shapes.map((authurl) => [authurl]))(
    'leaves doubt where a payer should go there: %j',
    (authurl) => {
      const doubt = { isBelieved: false, doubtReason: 'unreadable_authurl' };
      expect(createReply({ ...good('0'), authurl })).toEqual(doubt);
      expect(createReply({ ...good('1'), authurl })).toMatchObject({ isBelieved: true });
    },
  );
});

it.each([{}, [], ['Transaction is already in Refund Request Processed'], { text: 'x' }, '\u0000'])(
  'takes no refund for accepted whose message may have been a refusal: %j',
  (message) => {
    expect(refundReply({ ...good('8'), message })).toMatchObject({ isBelieved: false });
  },
);
