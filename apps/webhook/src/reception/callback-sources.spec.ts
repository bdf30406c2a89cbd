// Goal: the source of a request is its peer, or the address that trusted proxies report, and never
// a value that the caller can write.
import { AddressRanges } from '@quittance/platform';
import { CallbackSources } from './callback-sources.js';

const GATEWAY = new AddressRanges(['203.0.113.0/24', '2001:db8::/32']);
const PROXIES = new AddressRanges(['10.0.0.0/8']);

it('admits every address without a list', () => {
  expect(new CallbackSources(undefined).has('198.51.100.1', 'nonsense')).toBe(true);
});

it.each<[string, string, string | string[] | undefined, boolean]>([
  ['the gateway itself', '203.0.113.9', undefined, true],
  ['the gateway on a dual-stack socket', '::ffff:203.0.113.9', undefined, true],
  ['the gateway over IPv6', '2001:db8::7', undefined, true],
  ['a stranger', '198.51.100.1', undefined, false],
  ['a stranger that claims to be a proxy’s client', '198.51.100.1', '203.0.113.9', false],
  ['the gateway, although it claims another address', '203.0.113.9', '198.51.100.1', true],
  ['the gateway behind a proxy', '10.0.0.1', '203.0.113.9', true],
  ['the gateway behind two proxies', '10.0.0.1', '203.0.113.9, 10.0.0.2', true],
  ['a stranger behind a proxy', '10.0.0.1', '198.51.100.1', false],
  [
    'a stranger behind a proxy that sent a header itself',
    '10.0.0.1',
    '203.0.113.9, 198.51.100.1',
    false,
  ],
  ['a header sent in two lines', '10.0.0.1', ['203.0.113.9', '198.51.100.1'], false],
  ['a proxy that names no client', '10.0.0.1', undefined, false],
  ['a proxy that names nonsense', '10.0.0.1', 'unknown', false],
  ['the gateway behind a proxy that appends ports', '10.0.0.1', '203.0.113.9:40123', true],
  ['the gateway over IPv6 behind such a proxy', '10.0.0.1', '[2001:db8::7]:40123', true],
  ['the gateway, mapped by a proxy', '10.0.0.1', '::ffff:cb00:7109', true],
])('%s: %s, %s → %s', (_, peer, forwardedFor, isAllowed) => {
  expect(new CallbackSources(GATEWAY, PROXIES).has(peer, forwardedFor)).toBe(isAllowed);
});

it('trusts no header without trusted proxies', () => {
  expect(new CallbackSources(GATEWAY).has('10.0.0.1', '203.0.113.9')).toBe(false);
});
