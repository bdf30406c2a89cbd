import { serverTimeText, wholeSecondText } from './server-time.js';

const at = new Date(2025, 3, 6, 4, 6, 9, 57);

describe('serverTimeText', () => {
  it('pads milliseconds with zeros in the older server', () => {
    expect(serverTimeText(at, 'paddedMilliseconds')).toBe('2025-04-06 04:06:09.000057');
  });

  it('writes a true fraction in the newer server', () => {
    expect(serverTimeText(at, 'microseconds')).toBe('2025-04-06 04:06:09.057000');
  });

  it('leaves the fraction out for whole seconds', () => {
    expect(wholeSecondText(at)).toBe('2025-04-06 04:06:09');
  });
});
