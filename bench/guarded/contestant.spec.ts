import { brokenPromises } from '../promises.js';
import { promised } from './contestant.js';

const counts = {
  payments: 10,
  events: 38,
  in_four_events: 8,
  in_three_events: 2,
  attempts: 10,
  callbacks: 10,
  inbox_rows: 38,
  not_succeeded: 0,
  with_gaps: 0,
  with_card: 0,
  open_attempts: 0,
  unpublished: 0,
  with_other_order: 0,
};

it('finds no broken promise, also if callbacks were faster than their replies', () => {
  expect(brokenPromises(counts, { promised })).toEqual([]);
});

it.each([
  ['a payment with two events', { in_three_events: 1 }, 'in_three_events'],
  ['a second attempt', { attempts: 11 }, 'attempts'],
  ['a callback that was not stored', { callbacks: 9 }, 'callbacks'],
  ['an event that did not arrive', { inbox_rows: 37 }, 'inbox_rows'],
  ['a payment in doubt', { not_succeeded: 1 }, 'not_succeeded'],
  ['a gap', { with_gaps: 1 }, 'with_gaps'],
  ['a card that was not erased', { with_card: 1 }, 'with_card'],
  ['an attempt that is still open', { open_attempts: 1 }, 'open_attempts'],
  ['a message that was not published', { unpublished: 1 }, 'unpublished'],
  ['an order with an older status', { with_other_order: 1 }, 'with_other_order'],
])('finds %s', (_, changed, name) => {
  expect(brokenPromises({ ...counts, ...changed }, { promised })).toEqual([name]);
});
