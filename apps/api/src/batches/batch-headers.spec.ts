import { InvalidRequest } from '@quittance/platform';
import { batchHeaders } from './batch-headers.js';

/** The faults by path and code. */
function faultsOf(headers: Record<string, string>): string[] {
  try {
    batchHeaders(headers);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidRequest)) throw error;
    return (error.errors ?? []).map(({ path, code }) => `${path} ${code}`);
  }
}

it('gives a call without headers a batch of its own', () => {
  expect(batchHeaders({})).toEqual({
    batchId: expect.stringMatching(/^bat_\w{26}$/),
    firstLine: 1,
  });
});

it('reads both', () => {
  const headers = { 'batch-id': 'a.B_9-', 'first-line': '17' };
  expect(batchHeaders(headers)).toEqual({ batchId: 'a.B_9-', firstLine: 17 });
});

it.each([
  [{ 'batch-id': '' }, ['Batch-Id invalid_format']],
  [{ 'batch-id': 'a b' }, ['Batch-Id invalid_format']],
  [{ 'batch-id': 'a, b' }, ['Batch-Id invalid_format']],
  [{ 'batch-id': 'x'.repeat(65) }, ['Batch-Id invalid_format']],
  [{ 'batch-id': '4012000033330026' }, ['Batch-Id card_number']],
  [{ 'batch-id': 'B-4012-0000-3333-0026' }, ['Batch-Id card_number']],
  [{ 'batch-id': 'a', 'first-line': '0' }, ['First-Line invalid_format']],
  [{ 'batch-id': 'a', 'first-line': '1e3' }, ['First-Line invalid_format']],
  [{ 'batch-id': 'a', 'first-line': '1000000000' }, ['First-Line invalid_format']],
  [{ 'first-line': '2' }, ['Batch-Id required']],
  [
    { 'batch-id': '?', 'first-line': '-1' },
    ['Batch-Id invalid_format', 'First-Line invalid_format'],
  ],
])('%j has the faults %j', (headers, faults) => {
  expect(faultsOf(headers as Record<string, string>)).toEqual(faults);
});
