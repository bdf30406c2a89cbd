import { callbackAddress, paymentOfAddress } from './callback-address.js';

const id = 'e2c7c1de-8a3c-4f0a-9a0e-2b1d6c5f4e3d';
const address = callbackAddress(id, 'key');
const [, token = ''] = address.split('.');

it('leads back to its payment', () => {
  expect(paymentOfAddress(address, 'key')).toBe(id);
});

it.each([
  ['another key', address, 'other'],
  ['another payment', `other.${token}`, 'key'],
  ['no token', id, 'key'],
  ['a shorter token', address.slice(0, -2), 'key'],
  ['something behind it', `${address}.x`, 'key'],
  ['nothing', '', 'key'],
])('leads nowhere with %s', (_, given, key) => {
  expect(paymentOfAddress(given, key)).toBeUndefined();
});
