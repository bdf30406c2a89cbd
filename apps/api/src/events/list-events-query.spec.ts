import fc from 'fast-check';
import { cursorOf, LIST_START, positionAt } from './list-events-query.js';

const position = fc.record({
  tx: fc.bigInt({ min: 0n, max: 2n ** 62n }).map(String),
  paymentId: fc.stringMatching(/^pi_[0-9a-z]{26}$/),
  sequence: fc.integer({ min: 1, max: 999_999_999 }),
});

describe('the cursor of the event list', () => {
  it('decodes to its position', () => {
    fc.assert(fc.property(position, (at) => expect(positionAt(cursorOf(at))).toEqual(at)));
    expect(positionAt(cursorOf(LIST_START))).toEqual(LIST_START);
  });

  it.each([
    '',
    'x',
    'MS4x',
    cursorOf(LIST_START).slice(0, -2),
    Buffer.from('1.pi_x.1').toString('base64url'),
  ])('rejects %p', (text) => expect(positionAt(text)).toBeUndefined());
});
