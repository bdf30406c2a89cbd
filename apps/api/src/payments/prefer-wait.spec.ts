import { preferredWaitSeconds } from './long-poll.js';

describe('Prefer: wait', () => {
  it.each<[string | string[] | undefined, number | undefined]>([
    ['wait=1', 1],
    ['wait=30', 30],
    ['WAIT=10', 10],
    ['wait = 10', 10],
    ['wait="10"', 10],
    ['return=minimal, wait=10', 10],
    ['respond-async; x=1, wait=5', 5],
    [['respond-async', 'wait=7'], 7],
    ['wait=3, wait=9', 3],
    [undefined, undefined],
    ['', undefined],
    ['wait', undefined],
    ['wait=', undefined],
    ['wait=0', undefined],
    ['wait=31', 30],
    ['wait=60', 30],
    ['wait=86400', 30],
    ['wait=-1', undefined],
    ['wait=1.5', undefined],
    ['wait=ten', undefined],
    ['awaits=10', undefined],
  ])('%p is %p seconds', (header, seconds) => expect(preferredWaitSeconds(header)).toBe(seconds));
});
