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
};

describe('the options of a new terminal', () => {
  it('pass when they are valid', () => {
    expect(() => checkTerminalOptions(options)).not.toThrow();
  });

  it.each<[string, Partial<TerminalOptions>, RegExp]>([
    ['a name with a space', { name: 'my terminal' }, /name has/],
    ['an empty name', { name: '' }, /name has/],
    ['another scheme', { baseUrl: 'ftp://x' }, /base URL/],
    ['a user name in the URL', { baseUrl: 'http://a@x' }, /base URL/],
    ['a query in the URL', { baseUrl: 'http://x?a=1' }, /base URL/],
    ['an invalid URL', { baseUrl: 'x' }, /base URL/],
    ['an empty public key', { publicKey: '' }, /public key/],
    ['a public key of two words', { publicKey: 'a b' }, /public key/],
    ['a lane in capitals', { lane: 'Fast' }, /lane/],
  ])('are rejected with %s', (_what, change, words) =>
    expect(() => checkTerminalOptions({ ...options, ...change })).toThrow(words),
  );

  const live = { mode: 'live', baseUrl: 'https://gateway.example/v1' } as const;
  it.each<[string, string, RegExp]>([
    ['plain http', 'http://gateway.example', /must be https/],
    ['this machine', 'https://localhost:9003', /public Internet/],
    ['this machine, written as a domain', 'https://a.localhost.', /public Internet/],
    ['a loopback address', 'https://127.0.0.1', /public Internet/],
    ['a loopback address in another spelling', 'https://0x7f.1', /public Internet/],
    ['a private address', 'https://10.1.2.3', /public Internet/],
    ['cloud metadata', 'https://169.254.169.254', /public Internet/],
    ['carrier-grade NAT', 'https://100.64.0.1', /public Internet/],
    ['loopback over IPv6', 'https://[::1]:8443', /public Internet/],
    ['a private address, mapped', 'https://[::ffff:10.0.0.1]', /public Internet/],
  ])(
    'are rejected for a live terminal with %s, but not for a test terminal',
    (_, baseUrl, words) => {
      expect(() => checkTerminalOptions({ ...options, ...live, baseUrl })).toThrow(words);
      expect(() => checkTerminalOptions({ ...options, baseUrl })).not.toThrow();
    },
  );

  it('pass for a live terminal with a public address over TLS', () => {
    for (const baseUrl of [live.baseUrl, 'https://8.8.8.8', 'https://[2606:4700::1111]'])
      expect(() => checkTerminalOptions({ ...options, ...live, baseUrl })).not.toThrow();
  });

  it('are rejected with all their problems at once', () => {
    const wrong = { ...options, name: '', baseUrl: 'x', lane: '' };
    expect(() => checkTerminalOptions(wrong)).toThrow(/name has.*\n.*base URL.*\n.*lane/);
  });

  it.each(['0', '-1', '1.5', 'x', '2147483648', ''])('reject the terminal number %p', (text) =>
    expect(() => parseTerminalNumber(text)).toThrow('positive whole number'),
  );

  it('accept a terminal number', () => expect(parseTerminalNumber('42')).toBe(42));
});
