import { basicKey, bearerKey } from './presented-key.js';

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

describe('the key of a request', () => {
  it.each<[string | undefined, string | undefined]>([
    ['Bearer qk_a', 'qk_a'],
    ['bearer   qk_a ', 'qk_a'],
    ['Bearer', undefined],
    ['Bearer a b', undefined],
    ['qk_a', undefined],
    [basic('x:qk_a'), undefined],
    [undefined, undefined],
  ])('as bearer in %p is %p', (header, key) => expect(bearerKey(header)).toBe(key));

  it.each<[string | undefined, string | undefined]>([
    [basic('anyone:qk_a'), 'qk_a'],
    [basic(':qk_a'), 'qk_a'],
    [basic('a:b:c'), 'b:c'],
    ['Basic !', undefined],
    ['Bearer qk_a', undefined],
    [undefined, undefined],
  ])('as password in %p is %p', (header, key) => expect(basicKey(header)).toBe(key));
});
