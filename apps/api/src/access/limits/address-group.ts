// Groups addresses by network. One customer of a provider gets a whole IPv6 /64 (RFC 6177), so a
// count of single addresses would limit nothing.
import ipaddr from 'ipaddr.js';

/**
 * Returns a canonical IPv4 address unchanged, and a canonical IPv6 address as its /64:
 * `2001:db8:0:7::/64`.
 */
export function addressGroup(address: string): string {
  if (!address.includes(':')) return address;
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/64`).toString()}/64`;
}
