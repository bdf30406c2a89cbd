// Goal: each fault of a create request, by path and code. Method: a request without fault, one change a row.
import { InvalidRequest } from '@quittance/platform';
import { aCard, aRequest, type RequestBody } from '../../test/a-request.js';
import { aTerminal } from '../../test/a-terminal.js';
import { readCreatePayment, type RequestContext, terminalNameIn } from './payment-rules.js';

const NOW = new Date('2026-11-21T10:00:00Z');
const LIVE: RequestContext = { terminal: aTerminal({ mode: 'live' }), now: NOW };
const TEST: RequestContext = { terminal: aTerminal({ mode: 'test' }), now: NOW };

function faultsOf(body: unknown, context: RequestContext = LIVE): string[] {
  try {
    readCreatePayment(body, context);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidRequest)) throw error;
    return (error.errors ?? []).map(({ path, code }) => `${path} ${code}`);
  }
}

const withCard = (changes: RequestBody) => aRequest({ card: aCard(changes) });
const withCustomer = (customer: RequestBody) => aRequest({ customer });
const withAddress = (address: RequestBody) => aRequest({ customer: { address } });
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));

describe('a create request', () => {
  it.each<[what: string, body: unknown, faults: string[]]>([
    ['nothing wrong', aRequest(), []],
    ['no customer, metadata or source', aRequest({ customer: undefined, metadata: undefined }), []],
    ['not an object', [], [' wrong_type']],
    ['null', null, [' wrong_type']],
    ['an unknown field', aRequest({ colour: 'red' }), ['colour unknown_field']],
    ['an unknown field of the card', withCard({ pin: '1' }), ['card.pin unknown_field']],
    ['no reference', aRequest({ reference: undefined }), ['reference required']],
    ['an empty reference', aRequest({ reference: '' }), ['reference invalid_format']],
    ['a number as reference', aRequest({ reference: 7 }), ['reference wrong_type']],
    [
      'a reference without a letter',
      aRequest({ reference: '12-34' }),
      ['reference invalid_format'],
    ],
    ['a reference with a space', aRequest({ reference: 'ORD 1' }), ['reference invalid_format']],
    ['a reference with a line end', aRequest({ reference: 'ORD\n' }), ['reference invalid_format']],
    ['a reference of 64', aRequest({ reference: 'A'.repeat(64) }), []],
    ['a reference of 65', aRequest({ reference: 'A'.repeat(65) }), ['reference invalid_format']],
    ['no terminal', aRequest({ terminal: undefined }), ['terminal required']],
    ['no amount', aRequest({ amount: undefined }), ['amount required']],
    ['an amount as a number', aRequest({ amount: 11.11 }), ['amount wrong_type']],
    ['an exponent', aRequest({ amount: '1e3' }), ['amount invalid_format']],
    ['a negative amount', aRequest({ amount: '-1.00' }), ['amount invalid_format']],
    ['a comma', aRequest({ amount: '1,00' }), ['amount invalid_format']],
    ['a blank in the amount', aRequest({ amount: ' 1.00' }), ['amount invalid_format']],
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
    ['the largest amount', aRequest({ amount: '99999999.99' }), []],
    ['more than the gateway takes', aRequest({ amount: '100000000' }), ['amount too_large']],
    ['an unknown currency', aRequest({ currency: 'EUX' }), ['currency unknown_currency']],
    ['a currency in lower case', aRequest({ currency: 'eur' }), ['currency unknown_currency']],
    ['an empty product name', aRequest({ product_name: '' }), ['product_name too_small']],
    ['a blank product name', aRequest({ product_name: '   ' }), ['product_name blank']],
    ['a product name of 200', aRequest({ product_name: 'x'.repeat(200) }), []],
    [
      'a product name of 201',
      aRequest({ product_name: 'x'.repeat(201) }),
      ['product_name too_big'],
    ],
    [
      'a control character',
      aRequest({ product_name: 'Two\u0007' }),
      ['product_name control_character'],
    ],
    ['NUL', aRequest({ product_name: 'Two\u0000' }), ['product_name control_character']],
    [
      'half a surrogate pair',
      { ...aRequest(), product_name: 'Two \ud83c' },
      ['product_name control_character'],
    ],
    ['an emoji', aRequest({ product_name: 'Two 🎫' }), []],
    ['an unknown method', aRequest({ method: 'CASH' }), ['method not_allowed']],
    ['a credit card payment without card', aRequest({ card: undefined }), ['card required']],
    [
      'a debit card payment without card',
      aRequest({ card: undefined, method: 'DC' }),
      ['card required'],
    ],
    ['a wallet payment with a card', aRequest({ method: 'WALLET' }), ['card not_allowed']],
    ['a wallet payment without card', aRequest({ method: 'WALLET', card: undefined }), []],
    ['null as card', aRequest({ card: null }), ['card wrong_type']],
    ['a card number with spaces', withCard({ number: '4012 0000 3333 0026' }), []],
    ['a card number with dashes', withCard({ number: '4012-0000-3333-0026' }), []],
    [
      'two spaces in a row',
      withCard({ number: '4012  000033330026' }),
      ['card.number invalid_format'],
    ],
    [
      'letters in the card number',
      withCard({ number: '40120000x3330026' }),
      ['card.number invalid_format'],
    ],
    ['eleven digits', withCard({ number: '40120000333' }), ['card.number invalid_format']],
    ['twenty digits', withCard({ number: '4'.repeat(20) }), ['card.number invalid_format']],
    [
      'a wrong check digit',
      withCard({ number: '4012000033330027' }),
      ['card.number invalid_card_number'],
    ],
    ['no card number', withCard({ number: undefined }), ['card.number required']],
    ['two digits of CVV', withCard({ cvv: '12' }), ['card.cvv invalid_format']],
    ['five digits of CVV', withCard({ cvv: '12345' }), ['card.cvv invalid_format']],
    ['month 00', withCard({ exp_month: '00' }), ['card.exp_month invalid_format']],
    ['month 13', withCard({ exp_month: '13' }), ['card.exp_month invalid_format']],
    ['month 1', withCard({ exp_month: '1' }), ['card.exp_month invalid_format']],
    ['a year of four digits', withCard({ exp_year: '2030' }), []],
    [
      'a year of the last century',
      withCard({ exp_year: '1999' }),
      ['card.exp_year invalid_format'],
    ],
    ['a card that ends this month', withCard({ exp_month: '11', exp_year: '26' }), []],
    [
      'a card that ended last month',
      withCard({ exp_month: '10', exp_year: '26' }),
      ['card.exp_year card_expired'],
    ],
    ['a wrong e-mail address', withCustomer({ email: 'dev' }), ['customer.email invalid_format']],
    ['a wrong IP address', withCustomer({ ip: '203.0.113.999' }), ['customer.ip invalid']],
    ['an IPv6 address', withCustomer({ ip: '2001:db8::7' }), []],
    [
      'a country by name',
      withAddress({ country: 'USA' }),
      ['customer.address.country invalid_format'],
    ],
    [
      'a return_url of another scheme',
      aRequest({ return_url: 'ftp://shop.example' }),
      ['return_url invalid_url'],
    ],
    [
      'a script as return_url',
      aRequest({ return_url: 'javascript:alert(1)' }),
      ['return_url invalid_url'],
    ],
    ['a relative return_url', aRequest({ return_url: '/return' }), ['return_url invalid_url']],
    [
      'a password in return_url',
      aRequest({ return_url: 'https://a:b@shop.example' }),
      ['return_url invalid_url'],
    ],
    ['a source_url', aRequest({ source_url: 'https://shop.example/cart' }), []],
    ['a source_url that is none', aRequest({ source_url: 'shop' }), ['source_url invalid_url']],
    ['a number in metadata', aRequest({ metadata: { cart: 7 } }), ['metadata.cart wrong_type']],
    ['too many notes', aRequest({ metadata: many(21) }), ['metadata too_big']],
    ['twenty notes', aRequest({ metadata: many(20) }), []],
    ['a note too long', aRequest({ metadata: { a: 'x'.repeat(501) } }), ['metadata.a too_big']],
    [
      'the name of a note too long',
      aRequest({ metadata: { ['k'.repeat(41)]: 'v' } }),
      [`metadata.${'k'.repeat(41)} invalid_name`],
    ],
  ])('with %s', (_what, body, faults) => expect(faultsOf(body)).toEqual(faults));

  it('hears of every fault at once, those between fields included', () => {
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

  it('names a terminal the merchant does not have', () => {
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

  it('is read with the card as digits and the year with two', () => {
    const body = withCard({ number: '4012 0000-3333 0026', exp_year: '2030' });
    expect(readCreatePayment(body, LIVE).request.card).toEqual(aCard());
  });

  it('is good until its card has ended in the last time zone', () => {
    const body = withCard({ exp_month: '11', exp_year: '26' });
    const until = (now: string) => faultsOf(body, { ...LIVE, now: new Date(now) });
    expect(until('2026-12-01T11:59:59Z')).toEqual([]);
    expect(until('2026-12-01T12:00:00Z')).toEqual(['card.exp_year card_expired']);
  });

  it('never shows what was sent in its faults', () => {
    const body = withCard({ number: '4012000033330027', cvv: '98765', exp_year: '1999' });
    const told = (() => {
      try {
        return readCreatePayment(body, LIVE);
      } catch (error) {
        return error;
      }
    })();
    const text = JSON.stringify(told) + String(told);
    expect(text).toContain('card.number');
    for (const sent of ['4012000033330027', '98765', '1999']) expect(text).not.toContain(sent);
  });
});

describe('the terminal a body names', () => {
  it.each<[unknown, string | undefined]>([
    [aRequest(), 'main'],
    [{ terminal: 7 }, undefined],
    [{ terminal: 'x'.repeat(65) }, undefined],
    [[], undefined],
    [null, undefined],
    ['main', undefined],
  ])('%#', (body, name) => expect(terminalNameIn(body)).toBe(name));
});
