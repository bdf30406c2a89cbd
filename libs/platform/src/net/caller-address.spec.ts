// Goal: the caller's address is the peer's or one that trusted proxies vouch for, parsed and
// canonical; never one that a caller can forge. Method: a table of entries that proxies append, and
// a property over the same address in all its forms.
import fc from 'fast-check';
import { AddressRanges, callerAddress } from './addresses.js';

const PROXIES = new AddressRanges(['10.0.0.0/8', '::1']);

it.each<[string, string, string | string[] | undefined, string | undefined]>([
  ['a peer without proxies', '198.51.100.7', undefined, '198.51.100.7'],
  ['a peer that claims to forward', '198.51.100.7', '203.0.113.50', '198.51.100.7'],
  ['a peer on a dual-stack socket', '::ffff:198.51.100.7', undefined, '198.51.100.7'],
  ['a proxy that forwards', '10.0.0.1', '203.0.113.50', '203.0.113.50'],
  ['a proxy on a dual-stack socket', '::ffff:10.0.0.1', '203.0.113.50', '203.0.113.50'],
  ['a proxy that appends a port', '10.0.0.1', '203.0.113.51:20001', '203.0.113.51'],
  ['a proxy that appends an IPv6 port', '10.0.0.1', '[2001:db8::7]:51234', '2001:db8::7'],
  ['a proxy that brackets', '10.0.0.1', '[2001:DB8:0::7]', '2001:db8::7'],
  ['a proxy that spells IPv6 out', '10.0.0.1', '2001:db8:0:0:0:0:0:7', '2001:db8::7'],
  ['a proxy that maps IPv4', '10.0.0.1', '::ffff:203.0.113.50', '203.0.113.50'],
  ['a proxy that maps IPv4 in hex', '10.0.0.1', '::ffff:cb00:7132', '203.0.113.50'],
  [
    'two proxies with ports',
    '10.0.0.1',
    '203.0.113.9, 203.0.113.50:1, 10.0.0.2:443',
    '203.0.113.50',
  ],
  ['a forger before a proxy', '10.0.0.1', '203.0.113.9, 198.51.100.7', '198.51.100.7'],
  ['two header lines', '10.0.0.1', ['203.0.113.9', '198.51.100.7'], '198.51.100.7'],
  ['a proxy that names no client', '10.0.0.1', undefined, '10.0.0.1'],
  ['only proxies', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ['unknown', '10.0.0.1', 'unknown', undefined],
  ['a forger before unknown', '10.0.0.1', '203.0.113.9, unknown', undefined],
  ['markup', '10.0.0.1', 'x"><script>', undefined],
  ['an empty entry', '10.0.0.1', '203.0.113.9,', undefined],
  ['an invalid port', '10.0.0.1', '203.0.113.9:123456', undefined],
  ['an octal address', '10.0.0.1', '0313.0.0113.011', undefined],
])('%s: %s with %p is %p', (_, peer, forwardedFor, address) => {
  expect(callerAddress({ peer, forwardedFor }, PROXIES)).toBe(address);
});

it('ignores the header without trusted proxies', () => {
  expect(callerAddress({ peer: '10.0.0.1', forwardedFor: '203.0.113.9' })).toBe('10.0.0.1');
  expect(callerAddress({ peer: undefined, forwardedFor: '203.0.113.9' })).toBeUndefined();
});

it('is the same in all spellings of a proxy', () => {
  const octet = fc.nat(255);
  fc.assert(
    fc.property(octet, octet, octet, fc.nat(65_535), (b, c, d, port) => {
      const plain = `203.${b}.${c}.${d}`;
      const hex = [203 * 256 + b, c * 256 + d].map((group) => group.toString(16)).join(':');
      const spellings = [plain, `::ffff:${plain}`, `::FFFF:${hex}`, `0:0:0:0:0:ffff:${hex}`];
      const withPorts = [`${plain}:${port}`, ...spellings.slice(1).map((v6) => `[${v6}]:${port}`)];
      for (const forwardedFor of [...spellings, ...withPorts])
        expect(callerAddress({ peer: '10.0.0.1', forwardedFor }, PROXIES)).toBe(plain);
    }),
  );
});
