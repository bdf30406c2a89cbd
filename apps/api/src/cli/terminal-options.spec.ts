import {
  checkTerminalOptions,
  parseTerminalNumber,
  type TerminalOptions,
} from './terminal-options.js';

const options: TerminalOptions = {
  merchant: 'acme',
  name: 'main',
  baseUrl: 'http://127.0.0.1:9003',
  number: 42,
  publicKey: 'WO6QnIPePdYlwbm6OjpIIwQvhsHaV4ioHp6MH2/xjlQ=',
  privateKey: 'secret',
  protocol: 'encrypted',
  callbacks: 'aes256',
  mode: 'test',
  lane: 'default',
  inquiry: 'trans-id',
  confirmPlainSuccess: true,
};

describe('the options of a new terminal', () => {
  it('pass when they are right', () => {
    expect(() => checkTerminalOptions(options)).not.toThrow();
  });

  it.each<[string, Partial<TerminalOptions>, RegExp]>([
    ['a name with a space', { name: 'my terminal' }, /named/],
    ['an empty name', { name: '' }, /named/],
    ['another scheme', { baseUrl: 'ftp://x' }, /base URL/],
    ['a user name in the URL', { baseUrl: 'http://a@x' }, /base URL/],
    ['a query in the URL', { baseUrl: 'http://x?a=1' }, /base URL/],
    ['no URL', { baseUrl: 'x' }, /base URL/],
    ['an empty public key', { publicKey: '' }, /public key/],
    ['a public key of two words', { publicKey: 'a b' }, /public key/],
    ['a lane in capitals', { lane: 'Fast' }, /lane/],
  ])('are refused with %s', (_what, change, words) =>
    expect(() => checkTerminalOptions({ ...options, ...change })).toThrow(words),
  );

  it('are told all their problems at once', () => {
    const wrong = { ...options, name: '', baseUrl: 'x', lane: '' };
    expect(() => checkTerminalOptions(wrong)).toThrow(/named.*\n.*base URL.*\n.*lane/);
  });

  it.each(['0', '-1', '1.5', 'x', '2147483648', ''])('have no terminal number %p', (text) =>
    expect(() => parseTerminalNumber(text)).toThrow('positive whole number'),
  );

  it('have a terminal number', () => expect(parseTerminalNumber('42')).toBe(42));
});
