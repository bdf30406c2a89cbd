// Goal: membership of an address in a range does not depend on how either is written. Method: a
// table, and a property checked with arithmetic.
import fc from 'fast-check';
import { AddressRanges, canonicalAddress, isAddressRange } from './addresses.js';

describe('a range', () => {
  it.each<[string, string, boolean]>([
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.8', false],
    ['192.0.2.0/24', '192.0.2.255', true],
    ['192.0.2.0/24', '192.0.3.0', false],
    ['192.0.2.9/24', '192.0.2.200', true],
    ['0.0.0.0/0', '203.0.113.1', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['192.0.2.0/24', '::ffff:192.0.2.1', true],
    ['192.0.2.0/24', '::ffff:c000:201', true],
    ['192.0.2.0/24', '0:0:0:0:0:ffff:c000:0201', true],
    ['192.0.2.0/24', '::FFFF:192.0.3.1', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['::/0', '2001:db8::1', true],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['::ffff:192.0.2.0/120', '192.0.2.7', true],
    ['::ffff:192.0.2.0/120', '::ffff:c000:207', true],
    ['::ffff:192.0.2.0/120', '192.0.3.7', false],
    ['192.0.2.0/24', 'nonsense', false],
    ['192.0.2.0/24', '', false],
  ])('%s has %s: %s', (range, address, isIn) => {
    expect(new AddressRanges([range]).has(address)).toBe(isIn);
  });

  it('has exactly the addresses with its first bits', () => {
    const bits = fc.nat(0xffff_ffff);
    fc.assert(
      fc.property(bits, bits, fc.integer({ min: 1, max: 32 }), (network, address, prefix) => {
        const isSame = network >>> (32 - prefix) === address >>> (32 - prefix);
        const ranges = new AddressRanges([`${dotted(network)}/${prefix}`]);
        expect(ranges.has(dotted(address))).toBe(isSame);
        expect(ranges.has(`::ffff:${dotted(address)}`)).toBe(isSame);
      }),
    );
  });

  it.each([
    '',
    'localhost',
    '192.0.2',
    '192.0.2.0/33',
    '192.0.2.0/',
    '192.0.2.0/-1',
    '192.0.2.0/24/1',
    '2001:db8::/129',
    'fe80::1%eth0',
    '192.0.2.0 /24',
  ])('contains no text that is not an address: "%s"', (text) => {
    expect(isAddressRange(text)).toBe(false);
    expect(() => new AddressRanges([text])).toThrow(RangeError);
  });
});

it.each<[string, string | undefined]>([
  ['192.0.2.1', '192.0.2.1'],
  ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['::ffff:127.0.0.1', '127.0.0.1'],
  ['::FFFF:cb00:714d', '203.0.113.77'],
  ['0:0:0:0:0:ffff:203.0.113.77', '203.0.113.77'],
  ['0000:0000:0000:0000:0000:FFFF:CB00:714D', '203.0.113.77'],
  ['nonsense', undefined],
  ['192.0.2.1:80', undefined],
  ['[2001:db8::1]', undefined],
  ['192.0.2.01', undefined],
  ['0x7f.1', undefined],
  ['', undefined],
])('canonicalizes %s to %s', (text, canonical) => {
  expect(canonicalAddress(text)).toBe(canonical);
});

function dotted(bits: number): string {
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}
