import { brokenPromises } from '../promises.js';
import { promised } from './contestant.js';

const counts = {
  payments: 10,
  references: 10,
  orders: 10,
  not_succeeded: 0,
  with_other_order: 0,
};

it('finds no broken promise', () => {
  expect(brokenPromises(counts, { promised })).toEqual([]);
});

it.each([
  ['a reference that was accepted twice', { references: 9 }, 'references'],
  ['an order that was not stored', { orders: 9 }, 'orders'],
  ['an order without a payment', { orders: 11 }, 'orders'],
  ['a payment that did not succeed', { not_succeeded: 1 }, 'not_succeeded'],
  ['an order with another status', { with_other_order: 1 }, 'with_other_order'],
])('finds %s', (_, changed, name) => {
  expect(brokenPromises({ ...counts, ...changed }, { promised })).toEqual([name]);
});
