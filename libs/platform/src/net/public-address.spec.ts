// Goal: no address of our own network counts as public, in any spelling. Method: the first and the
// last address of each range, their neighbours outside, and the IPv6 forms that embed an IPv4
// address.
import { isPublicAddress } from './public-address.js';

const RANGES: readonly (readonly [string, string, string, string | null, string | null])[] = [
  // range, first, last, the neighbour below, the neighbour above; null where the neighbour is
  // special too
  ['this network', '0.0.0.0', '0.255.255.255', null, '1.0.0.0'],
  ['private 10/8', '10.0.0.0', '10.255.255.255', '9.255.255.255', '11.0.0.0'],
  ['carrier-grade NAT', '100.64.0.0', '100.127.255.255', '100.63.255.255', '100.128.0.0'],
  ['loopback', '127.0.0.0', '127.255.255.255', '126.255.255.255', '128.0.0.0'],
  ['link-local', '169.254.0.0', '169.254.255.255', '169.253.255.255', '169.255.0.0'],
  ['private 172.16/12', '172.16.0.0', '172.31.255.255', '172.15.255.255', '172.32.0.0'],
  ['private 192.168/16', '192.168.0.0', '192.168.255.255', '192.167.255.255', '192.169.0.0'],
  ['benchmarking', '198.18.0.0', '198.19.255.255', '198.17.255.255', '198.20.0.0'],
  ['multicast, reserved, broadcast', '224.0.0.0', '255.255.255.255', '223.255.255.255', null],
  ['IPv6 unspecified, loopback', '::', '::1', null, null],
  ['IPv6 unique local', 'fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', null, null],
  ['IPv6 link-local', 'fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff', null, null],
  ['IPv6 site-local', 'fec0::', 'feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', null, null],
  ['IPv6 multicast', 'ff00::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', null, null],
  ['IPv6 documentation', '2001:db8::', '2001:db8:ffff::1', '2001:db7::1', '2001:db9::'],
  ['Teredo', '2001::', '2001:0:ffff::1', null, '2001:200::1'],
  ['6to4', '2002::', '2002:ffff::1', '2001:4860::1', '2003::1'],
];

it.each(RANGES)('%s is not public; its neighbours are', (_, first, last, below, above) => {
  expect([first, last].filter(isPublicAddress)).toEqual([]);
  const outside = [below, above].filter((address) => address !== null);
  expect(outside.filter(isPublicAddress)).toEqual(outside);
});

it.each([
  ['cloud metadata', '169.254.169.254'],
  ['cloud metadata over IPv6', 'fd00:ec2::254'],
  ['loopback as a mapped address', '::ffff:127.0.0.1'],
  ['loopback as a mapped address in hexadecimal', '::ffff:7f00:1'],
  ['a private address, mapped and written out', '0:0:0:0:0:ffff:10.0.0.1'],
  ['a public address, mapped', '::ffff:8.8.8.8'],
  ['loopback as a compatible address', '::127.0.0.1'],
  ['a private address behind NAT64', '64:ff9b::10.0.0.1'],
  ['metadata behind NAT64', '64:ff9b::a9fe:a9fe'],
  ['NAT64 for local use', '64:ff9b:1::1'],
  ['link-local with a zone', 'fe80::1%eth0'],
  ['not an address', 'gateway.example'],
  ['nothing', ''],
])('%s is not public', (_, address) => {
  expect(isPublicAddress(address)).toBe(false);
});

it.each(['8.8.8.8', '2606:4700:4700::1111', '64:ff9b::8.8.8.8'])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});
