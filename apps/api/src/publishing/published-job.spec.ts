// Goal: every job that contains card data is recognized before anything else is read, and no job of
// a careful publisher is. Method: tables of jobs, and cards at any place of a payload.
import fc from 'fast-check';
import { aCard, aRequest } from '../../test/a-request.js';
import { base64url } from '../../../../test/support/signed-intent.js';
import { createPaymentSchema } from '../payments/create-payment.schema.js';
import { hasCardBesideData, jobFaults, mustErase, type PublishedJob } from './published-job.js';
import { publishedPaymentIntentSchema } from './published-job.schema.js';

const NUMBER = '4012000033330026';
const header = base64url({ alg: 'EdDSA', kid: 'key_1', typ: 'payment-intent+jws' });
const jwsOf = (payload: unknown) => `${header}.${base64url(payload)}.signature`;
const sealed = aRequest({ card: undefined, card_jwe: 'eyJ.x.y.z.1' });

const aJob = (changes: Partial<PublishedJob> = {}): PublishedJob => ({
  id: '1',
  name: 'payment.create.v1',
  data: { jws: jwsOf(sealed) },
  opts: { attempts: 3, timestamp: 1_795_802_369_273 },
  progress: 0,
  ...changes,
});

it('a usual job has no fault, and stays', () => {
  const job = aJob();
  expect([jobFaults(job), mustErase(job), hasCardBesideData(job)]).toEqual([[], false, false]);
});

it.each<[string, Partial<PublishedJob>]>([
  ['another name', { name: 'pay' }],
  ['more data', { data: { jws: jwsOf(sealed), card: aCard() } }],
  ['a list', { data: [] }],
  ['a text', { data: NUMBER }],
  ['null', { data: null }],
  ['no JWS', { data: {} }],
  ['a JWS that is no text', { data: { jws: aCard() } }],
  ['a card', { data: { jws: jwsOf(aRequest()) } }],
  ['a card that is a text', { data: { jws: jwsOf({ ...sealed, card: NUMBER }) } }],
  ['a card number in a note', { data: { jws: jwsOf({ ...sealed, metadata: { a: NUMBER } }) } }],
  ['a card number as a name', { data: { jws: jwsOf({ ...sealed, [NUMBER]: 1 }) } }],
  ['a card number in the header', { data: { jws: `${base64url({ kid: NUMBER })}.e30.x` } }],
  ['a payload that is a list', { data: { jws: jwsOf([aCard()]) } }],
  ['a payload that is not JSON', { data: { jws: jwsOf(`{"number":"${NUMBER}`) } }],
  ['no parts', { data: { jws: NUMBER } }],
])('a job with %s is erased', (_, changes) => {
  expect(mustErase(aJob(changes))).toBe(true);
});

it.each<[string, Partial<PublishedJob>]>([
  ['id', { id: `ORD-${NUMBER}` }],
  ['name', { name: NUMBER }],
  ['options', { opts: { deduplication: { id: NUMBER } } }],
  ['progress', { progress: { number: NUMBER } }],
])('a card number in the %s is found', (_, changes) => {
  expect(hasCardBesideData(aJob(changes))).toBe(true);
});

it('a card is found at any depth of a payload, and a null card is none', () => {
  const names = fc.constantFrom('a', 'card_jwe_2', 'metadata', 'customer');
  fc.assert(
    fc.property(fc.array(names, { minLength: 1, maxLength: 5 }), (path) => {
      const nested = path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), NUMBER);
      expect(mustErase(aJob({ data: { jws: jwsOf(nested) } }))).toBe(true);
    }),
  );
  expect(mustErase(aJob({ data: { jws: jwsOf({ ...sealed, card: null }) } }))).toBe(false);
});

it('the published schema is the request’s, without the card in clear', () => {
  const { card: _card, ...others } = createPaymentSchema.shape;
  expect(publishedPaymentIntentSchema.shape).toEqual(others);
});
