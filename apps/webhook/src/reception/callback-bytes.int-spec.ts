// Goal: no callback is lost because of its byte encoding or the contents of its texts. Method: the
// real app on a real Postgres receives bytes with byte order marks, in other charsets, and with
// every text that a column could reject.
import { encryptAes256 } from '@quittance/gateway-protocol';
import type { Payment } from '@quittance/payments';
import { hostileTexts } from '../../../../test/support/hostile-texts.js';
import { envelope, fields, FORM_TYPE, JSON_TYPE, KEYS } from '../../test/callback-bodies.js';
import { WebhookRig } from '../../test/webhook-rig.js';

let rig: WebhookRig;
beforeAll(async () => {
  rig = await WebhookRig.start();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const ACCEPTED = { status: 200, body: '{"received":true}', retryAfter: null };
const MARK = '\uFEFF';
const plain = (payment: Payment, changes: object = {}) =>
  JSON.stringify(fields(payment, '25', changes));
const form = (values: object) =>
  new URLSearchParams(
    Object.entries(values).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
const query = (payment: Payment) =>
  Object.entries(fields(payment, '25'))
    .map(([name, value]) => `${name}=${String(value)}`)
    .join('&');
const encryptedForm = (text: string) =>
  form({ ...KEYS, private_key: KEYS.privateKey, data: encryptAes256(text, KEYS) });
const stored = async () => (await rig.rows('SELECT encrypted, fields FROM callbacks'))[0];

describe('an encrypted callback is read', () => {
  it.each<[string, string, (payment: Payment) => string | Buffer]>([
    ['a byte order mark outside', JSON_TYPE, (payment) => MARK + envelope(plain(payment))],
    ['a byte order mark outside, without a type', '', (payment) => MARK + envelope(plain(payment))],
    ['a mark inside, before JSON', JSON_TYPE, (payment) => envelope(MARK + plain(payment))],
    ['a mark inside, before a query', JSON_TYPE, (payment) => envelope(MARK + query(payment))],
    [
      'marks on both sides',
      JSON_TYPE,
      (payment) => MARK + envelope(`${MARK}\r\n${plain(payment)}`),
    ],
    ['a mark before a form', FORM_TYPE, (payment) => MARK + encryptedForm(plain(payment))],
    ['a mark before a form, without a type', '', (payment) => MARK + encryptedForm(plain(payment))],
    ['a line break after a form', FORM_TYPE, (payment) => `${encryptedForm(plain(payment))}\r\n`],
    [
      'UTF-16 with a mark',
      JSON_TYPE,
      (payment) => Buffer.from(MARK + envelope(plain(payment)), 'utf16le'),
    ],
    [
      'UTF-16 by name',
      `${JSON_TYPE};charset=utf-16le`,
      (payment) => Buffer.from(envelope(plain(payment)), 'utf16le'),
    ],
    ['an unknown charset', `${JSON_TYPE}; charset=x-bank`, (payment) => envelope(plain(payment))],
  ])('%s', async (_what, contentType, body) => {
    const payment = await rig.accept();
    expect(await rig.post(rig.addressOf(payment), body(payment), contentType)).toEqual(ACCEPTED);
    expect(await rig.isInquiryDue(payment)).toBe(true);
    const { reference } = payment;
    expect(await stored()).toMatchObject({
      encrypted: true,
      fields: { reference, order_status: '25' },
    });
  });
});

it.each<[string, string, (body: string) => string | Buffer]>([
  ['JSON after a mark', JSON_TYPE, (body) => MARK + body],
  ['JSON after a mark, without a type', '', (body) => MARK + body],
  ['JSON in Latin-1', JSON_TYPE, (body) => Buffer.from(body, 'latin1')],
  [
    'JSON in Latin-1 by name',
    `${JSON_TYPE}; charset=iso-8859-1`,
    (body) => Buffer.from(body, 'latin1'),
  ],
  ['a form after a mark', FORM_TYPE, (body) => `${MARK}${form(JSON.parse(body) as object)}\r\n`],
  [
    'a form in Latin-1',
    `${FORM_TYPE};charset=latin1`,
    (body) => Buffer.from(`x=ü&${form(JSON.parse(body) as object)}`, 'latin1'),
  ],
])('a plain callback is read: %s', async (_what, contentType, written) => {
  const payment = await rig.accept();
  const body = plain(payment, { response: 'Genehmigt für Müller' });
  expect(await rig.post(rig.addressOf(payment), written(body), contentType)).toEqual(ACCEPTED);
  const { reference } = payment;
  expect(await stored()).toMatchObject({
    encrypted: false,
    fields: { reference, bill_amt: '11.11', order_status: '25', response: 'Genehmigt für Müller' },
  });
});

it.each(hostileTexts)('is stored with a text of %s in every field', async (_what, text) => {
  const payment = await rig.accept();
  const names = Object.keys(fields(payment, '25'));
  for (const name of [...names, 'rrn', 'tdate', 'mop', 'authurl', 'connector_status_code']) {
    const body = plain(payment, { [name]: text });
    expect(await rig.post(rig.addressOf(payment), body)).toEqual(ACCEPTED);
    expect(await rig.post(rig.addressOf(payment), envelope(body))).toEqual(ACCEPTED);
  }
  expect(rig.logged.join('')).not.toContain('could not be stored');
  // A callback that Postgres rejects would be buffered in Redis.
  expect(await rig.metrics()).toContain('quittance_callbacks_total{verdict="kept"} 0\n');
});
