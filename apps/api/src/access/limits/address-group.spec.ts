import fc from 'fast-check';
import { canonicalAddress } from '@quittance/platform';
import { addressGroup } from './address-group.js';

const groupOf = (address: string) => addressGroup(canonicalAddress(address) ?? '');

describe('an address is counted as', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['0:0:0:0:0:ffff:c000:207', '192.0.2.7'],
    ['::1', '::/64'],
    ['2001:db8::1', '2001:db8::/64'],
    ['2001:0DB8:0:7:1:2:3:4', '2001:db8:0:7::/64'],
    ['2001:db8:0:7::', '2001:db8:0:7::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
  ])('%s: %s', (address, group) => expect(groupOf(address)).toBe(group));

  it('one, however its last 64 bits are chosen', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { minLength: 4, maxLength: 4 }), (last) => {
        const address = `2001:db8:a:b:${last.map((group) => group.toString(16)).join(':')}`;
        expect(groupOf(address)).toBe('2001:db8:a:b::/64');
      }),
    );
  });
});
