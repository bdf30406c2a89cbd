// Which addresses are on the public Internet. A live gateway is nowhere else: a name that leads into our own network, to this
// machine or to a cloud's metadata service (169.254.169.254) is a mistake or an attack.
import { AddressRanges, canonicalAddress } from '@quittance/platform';

/** What IANA's special-purpose registry for IPv4 (RFC 6890) says is not globally reachable, multicast, and what is reserved. */
const SPECIAL_IPV4 = [
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT (RFC 6598)
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local, and where clouds serve metadata and credentials
  '172.16.0.0/12', // private
  '192.0.0.0/24', // IETF protocol assignments
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // deprecated 6to4 relays
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarking
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
];

/** NAT64 (RFC 6052): with DNS64 an IPv6-only host reaches every IPv4 address through it, private ones too. */
const NAT64 = '64:ff9b::';

/** All global unicast IPv6 addresses are in here; loopback, link-local, unique local, mapped and multicast are outside. */
const GLOBAL = new AddressRanges(['0.0.0.0/0', '2000::/3', `${NAT64}/96`]);

const SPECIAL = new AddressRanges([
  ...SPECIAL_IPV4,
  ...SPECIAL_IPV4.map((range) => {
    const [address, prefix] = range.split('/');
    return `${NAT64}${address}/${96 + Number(prefix)}`;
  }),
  '2001::/23', // IETF protocol assignments, Teredo among them
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4: an IPv4 address in disguise
  '3fff::/20', // documentation
]);

/** Whether an IP address is on the public Internet. An IPv4-mapped IPv6 address never is: no name server has a reason to say one. */
export function isPublicAddress(address: string): boolean {
  const isMapped = address.includes(':') && canonicalAddress(address)?.includes(':') === false;
  return !isMapped && GLOBAL.has(address) && !SPECIAL.has(address);
}
