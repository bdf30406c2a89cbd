// Goal: what may not be told is found however it is spelled, and nothing else is. Method: one text a row.
import { passesLuhn } from '@quittance/cards';
import { randomInt } from 'node:crypto';
import { Secrets, cardOfRun } from './secrets.mjs';

const card = { name: 'a card', number: '4539578763621486', cvv: '987' };
const key = 'qk_7Jt0mVwZ3bX9cR5sL1yQ8fD2hN6kP4gA';
const secrets = new Secrets({ cards: [card], keys: { 'a key': key } });

it.each([
  ['a number', `{"note":"paid with ${card.number}"}`],
  ['a number in groups', 'x 4539-5787-6362-1486 y'],
  ['a number in base64', Buffer.from(`{"n":"${card.number}"}`).toString('base64')],
  ['a CVV by its name', `{"cvv":"${card.cvv}"}`],
  ['a key', `Bearer ${key}`],
  ['a frame of ours', 'Error: x\\n    at create (/app/apps/api/src/create.ts:14:10)'],
  ['a frame of Node', '"stack":"at TCP.<anonymous> (node:net:343:12)"'],
  ['a path into a package', 'Cannot find /app/node_modules/pg/index.js'],
])('finds %s', (_, text) => {
  const problems = secrets.problemsIn('the answer', text);
  expect(problems).not.toEqual([]);
  expect(problems.join()).toContain('the answer');
});

it.each([
  ['a masked number', '{"first6":"453957","last4":"1486"}'],
  ['three digits', '{"limit":987}'],
  ['another key', 'Bearer qk_nobody'],
  ['words about times', 'paid at 2026-11-21T15:51:00.123Z'],
])('finds nothing in %s', (_, text) => {
  expect(secrets.problemsIn('the answer', text)).toEqual([]);
});

it('has a card for each run that the api takes', () => {
  const { number, cvv } = cardOfRun({ below: (limit) => randomInt(limit) });
  expect(number).toMatch(/^45\d{14}$/);
  expect(passesLuhn(number)).toBe(true);
  expect(cvv).toMatch(/^[1-9]\d\d$/);
});
