// Goal: an address is in a range or not, however either is spelt. Method: a table, and a property with the arithmetic as judge.
import fc from 'fast-check';
import { AddressRanges, isAddressRange, plainAddress } from './address-ranges.js';

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
  ])('is not what is no address: "%s"', (text) => {
    expect(isAddressRange(text)).toBe(false);
    expect(() => new AddressRanges([text])).toThrow(RangeError);
  });
});

it('spells an address in one way', () => {
  expect(plainAddress('2001:0DB8:0:0:0:0:0:1')).toBe('2001:db8::1');
  expect(plainAddress('::ffff:127.0.0.1')).toBe('127.0.0.1');
  expect(plainAddress('192.0.2.1')).toBe('192.0.2.1');
  expect(plainAddress('nonsense')).toBe('nonsense');
});

function dotted(bits: number): string {
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}
