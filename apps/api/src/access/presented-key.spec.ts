import { bearerKey } from './presented-key.js';

describe('the key of a request', () => {
  it.each<[string | undefined, string | undefined]>([
    ['Bearer qk_a', 'qk_a'],
    ['bearer   qk_a ', 'qk_a'],
    ['Bearer', undefined],
    ['Bearer a b', undefined],
    ['qk_a', undefined],
    ['Basic eDpxa19h', undefined],
    [undefined, undefined],
  ])('as bearer in %p is %p', (header, key) => expect(bearerKey(header)).toBe(key));
});
