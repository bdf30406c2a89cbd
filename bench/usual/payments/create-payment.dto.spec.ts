// Goal: the app accepts and rejects what the versions by hand do.
import 'reflect-metadata';
import { ValidationPipe } from '@nestjs/common';
import { paymentRequest } from '../../load/payment.js';
import { CreatePaymentDto } from './create-payment.dto.js';

const payment = paymentRequest('s0-usual-1');
const validated = (body: object) =>
  new ValidationPipe().transform(body, { type: 'body', metatype: CreatePaymentDto });

it('passes on the payment of the benchmark as it is', async () => {
  expect(await validated(payment)).toEqual(payment);
});

it.each([
  ['no reference', { reference: undefined }],
  ['an empty reference', { reference: '' }],
  ['an amount of nothing', { amount: '0.00' }],
  ['an amount that is a number', { amount: 11.11 }],
  ['a currency in small letters', { currency: 'eur' }],
  ['no card', { card: undefined }],
  ['a card without a CVV', { card: { ...payment.card, cvv: undefined } }],
  ['a card that is a list', { card: [] }],
  ['no customer', { customer: undefined }],
])('rejects %s', async (_, changed) => {
  await expect(validated({ ...payment, ...changed })).rejects.toThrow('Bad Request');
});
