// Goal: jobs that failed for the same reason have the same text, without ids and account numbers.
// Method: a table of texts.
import { reasonText } from './failed-jobs.js';

it.each([
  ['', 'no reason'],
  ['Error: no order\n    at file', 'Error: no order'],
  ['Error: card 4012000033330026 of pi_00000000000000000000000001', 'Error: card … of pi_…'],
  ['Error: 4012 0000 3333 0026', 'Error: …'],
  ['evt_00000000000000000000000001_3: 4012-0000-3333-0026', 'evt_…: …'],
  ['HTTP 503 after 30 s', 'HTTP 503 after 30 s'],
])('shows %j as %j', (text, shown) => {
  expect(reasonText(text)).toBe(shown);
});
