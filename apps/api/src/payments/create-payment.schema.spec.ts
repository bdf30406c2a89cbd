// Goal: the values that each field accepts, by path and code. Method: a valid request, one change a
// row.
import { aCard, aRequest, type RequestBody } from '../../test/a-request.js';
import type { z } from 'zod';
import { faultsOf, TEST } from '../../test/faults-of.js';
import { createPaymentSchema } from './create-payment.schema.js';
import { readCreatePayment } from '../intake/payment-rules.js';

const withCard = (changes: RequestBody) => aRequest({ card: aCard(changes) });
const withCustomer = (customer: RequestBody) => aRequest({ customer });
const withAddress = (address: RequestBody) => aRequest({ customer: { address } });
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));

describe('a create request', () => {
  it.each<[what: string, body: unknown, faults: string[]]>([
    ['no fault', aRequest(), []],
    ['no customer, metadata or source', aRequest({ customer: undefined, metadata: undefined }), []],
    ['not an object', [], [' wrong_type']],
    ['null', null, [' wrong_type']],
    ['an unknown field', aRequest({ colour: 'red' }), ['… unknown_field']],
    ['an unknown field of the card', withCard({ pin: '1' }), ['card.… unknown_field']],
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
    ['a space in the amount', aRequest({ amount: ' 1.00' }), ['amount invalid_format']],
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
    ['null as card', aRequest({ card: null }), ['card required']],
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
    [
      'a fragment in return_url',
      aRequest({ return_url: 'https://shop.example/return?order=7#frag' }),
      ['return_url invalid_url'],
    ],
    [
      'an empty fragment in return_url',
      aRequest({ return_url: 'https://shop.example/return#' }),
      ['return_url invalid_url'],
    ],
    ['a relative return_url', aRequest({ return_url: '/return' }), ['return_url invalid_url']],
    [
      'a password in return_url',
      aRequest({ return_url: 'https://a:b@shop.example' }),
      ['return_url invalid_url'],
    ],
    ['a source_url', aRequest({ source_url: 'https://shop.example/cart' }), []],
    ['an invalid source_url', aRequest({ source_url: 'shop' }), ['source_url invalid_url']],
    ['a number in metadata', aRequest({ metadata: { cart: 7 } }), ['metadata.… wrong_type']],
    ['too many notes', aRequest({ metadata: many(21) }), ['metadata too_big']],
    ['twenty notes', aRequest({ metadata: many(20) }), []],
    ['a note too long', aRequest({ metadata: { a: 'x'.repeat(501) } }), ['metadata.… too_big']],
    [
      'a note with too long a name',
      aRequest({ metadata: { ['k'.repeat(41)]: 'v' } }),
      ['metadata.… invalid_name'],
    ],
  ])('with %s', (_what, body, faults) => expect(faultsOf(body)).toEqual(faults));

  it('accepts null for every optional member, and for no other', () => {
    const whole = aRequest({
      source_url: 'https://shop.example/cart',
      customer: {
        name: 'A',
        email: 'a@b',
        phone: '1',
        ip: '203.0.113.7',
        address: { line1: 'a', city: 'b', state: 'c', postal_code: 'd', country: 'DE' },
      },
      metadata: { cart: 'c-77', empty: null },
    });
    const nulled = memberPaths(createPaymentSchema).map((path) => {
      const missing = faultsOf(replaced(whole, path, undefined));
      const asNull = faultsOf(replaced(whole, path, null));
      if (missing.length === 0) expect([path, asNull]).toEqual([path, []]);
      else expect([path, asNull.length]).toEqual([path, missing.length]);
      return path.join('.');
    });
    expect(nulled).toEqual(expect.arrayContaining(['customer.address.line1', 'card', 'reference']));
  });

  it('drops null members', () => {
    const { request } = readCreatePayment(
      aRequest({ customer: { name: null, phone: '1' }, metadata: { a: null, b: 'x' } }),
      TEST,
    );
    expect(request.customer).toEqual({ phone: '1' });
    expect(request.metadata).toEqual({ b: 'x' });
  });
});

type Path = readonly string[];

/** Returns every member of a request as a path of names. */
function memberPaths(schema: z.ZodType, above: Path = []): Path[] {
  const {
    _zod: { def },
  } = schema as z.ZodType & z.core.$ZodTypes;
  if (def.type === 'object') {
    return Object.entries(def.shape).flatMap(([name, member]) => {
      const path = [...above, name];
      return [path, ...memberPaths(member as z.ZodType, path)];
    });
  }
  const inner = 'innerType' in def ? def.innerType : 'in' in def ? def.in : undefined;
  return inner ? memberPaths(inner as z.ZodType, above) : [];
}

/** Returns a copy with another value at a path. */
function replaced(body: RequestBody, [name = '', ...rest]: Path, value: unknown): RequestBody {
  const inner = rest.length > 0 ? replaced(body[name] as RequestBody, rest, value) : value;
  return { ...body, [name]: inner };
}
