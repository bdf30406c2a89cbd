// Goal: the faults across several fields, the terminal and the date. Method: a valid request, one
// change a row.
import { aCard, aRequest, type RequestBody } from '../../test/a-request.js';
import { faultsOf, LIVE, TEST } from '../../test/faults-of.js';
import { readCreatePayment, terminalNameIn } from './payment-rules.js';

const withCard = (changes: RequestBody) => aRequest({ card: aCard(changes) });

describe('a create request', () => {
  it.each<[what: string, body: unknown, faults: string[]]>([
    ['zero', aRequest({ amount: '0.00' }), ['amount not_positive']],
    ['too many decimals for EUR', aRequest({ amount: '1.111' }), ['amount too_many_decimals']],
    [
      'too many decimals for JPY',
      aRequest({ amount: '1.5', currency: 'JPY' }),
      ['amount too_many_decimals'],
    ],
    ['whole JPY', aRequest({ amount: '15', currency: 'JPY' }), []],
    [
      'a third decimal of KWD',
      aRequest({ amount: '1.123', currency: 'KWD' }),
      ['amount too_many_decimals'],
    ],
    ['a third decimal of KWD that is 0', aRequest({ amount: '1.250', currency: 'KWD' }), []],
    ['the largest amount', aRequest({ amount: '99999999.99' }), []],
    [
      'more JPY than the gateway accepts',
      aRequest({ amount: '100000000', currency: 'JPY' }),
      ['amount too_large'],
    ],
    ['twenty digits', aRequest({ amount: '9'.repeat(20) }), ['amount too_large']],
    ['more than the gateway accepts', aRequest({ amount: '100000000' }), ['amount too_large']],
    ['a credit card payment without card', aRequest({ card: undefined }), ['card required']],
    [
      'a debit card payment without card',
      aRequest({ card: undefined, method: 'DC' }),
      ['card required'],
    ],
    ['a wallet payment with a card', aRequest({ method: 'WALLET' }), ['card not_allowed']],
    ['a wallet payment without card', aRequest({ method: 'WALLET', card: undefined }), []],
    [
      'a wrong check digit',
      withCard({ number: '4012000033330027' }),
      ['card.number invalid_card_number'],
    ],
    ['a card that ends this month', withCard({ exp_month: '11', exp_year: '26' }), []],
    [
      'a card that ended last month',
      withCard({ exp_month: '10', exp_year: '26' }),
      ['card.exp_year card_expired'],
    ],
  ])('with %s', (_what, body, faults) => expect(faultsOf(body)).toEqual(faults));

  it('gets every fault at once, including those across fields', () => {
    const body = aRequest({
      reference: '1',
      amount: '0',
      product_name: undefined,
      card: aCard({ number: '4012000033330027', cvv: 'x', exp_year: '20' }),
      return_url: 'x',
    });
    expect(faultsOf(body, { ...LIVE, terminal: undefined }).toSorted()).toEqual([
      'amount not_positive',
      'card.cvv invalid_format',
      'card.exp_year card_expired',
      'product_name required',
      'reference invalid_format',
      'return_url invalid_url',
      'terminal unknown_terminal',
    ]);
  });

  it('names a terminal that the merchant does not have', () => {
    expect(faultsOf(aRequest(), { ...LIVE, terminal: undefined })).toEqual([
      'terminal unknown_terminal',
    ]);
  });

  it.each(['5111111111111111', '30000000000000', '35000000000000', '4012000033330027'])(
    'may carry the number %s on a test terminal only, because it fails Luhn',
    (number) => {
      expect(faultsOf(withCard({ number }), TEST)).toEqual([]);
      expect(faultsOf(withCard({ number }), LIVE)).toEqual(['card.number invalid_card_number']);
    },
  );

  it('is parsed with a card of plain digits and a two-digit year', () => {
    const body = withCard({ number: '4012 0000-3333 0026', exp_year: '2030' });
    const { number, cvv, ...expiry } = readCreatePayment(body, LIVE).request.card!;
    const read = { number: number.secret.cardInClear(), cvv: cvv.cardInClear(), ...expiry };
    expect(read).toEqual(aCard());
  });

  it('is valid until its card has expired in the last time zone', () => {
    const body = withCard({ exp_month: '11', exp_year: '26' });
    const until = (now: string) => faultsOf(body, { ...LIVE, now: new Date(now) });
    expect(until('2026-12-01T11:59:59Z')).toEqual([]);
    expect(until('2026-12-01T12:00:00Z')).toEqual(['card.exp_year card_expired']);
  });

  it('never shows sent values in its faults', () => {
    const body = withCard({ number: '4012000033330027', cvv: '98765', exp_year: '1999' });
    const thrown = (() => {
      try {
        return readCreatePayment(body, LIVE);
      } catch (error) {
        return error;
      }
    })();
    const text = JSON.stringify(thrown) + String(thrown);
    expect(text).toContain('card.number');
    for (const sent of ['4012000033330027', '98765', '1999']) expect(text).not.toContain(sent);
  });
});

describe('the terminal in a body', () => {
  it.each<[unknown, string | undefined]>([
    [aRequest(), 'main'],
    [{ terminal: 7 }, undefined],
    [{ terminal: 'x'.repeat(65) }, undefined],
    [[], undefined],
    [null, undefined],
    ['main', undefined],
  ])('%#', (body, name) => expect(terminalNameIn(body)).toBe(name));
});
