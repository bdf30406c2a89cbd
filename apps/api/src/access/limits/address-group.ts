// The network that an address stands for. One customer of a provider gets a whole IPv6 /64 (RFC
// 6177), so counting single addresses of it would count nothing.
import ipaddr from 'ipaddr.js';

/** A canonical IPv4 address as it is, a canonical IPv6 address as its /64: `2001:db8:0:7::/64`. */
export function addressGroup(address: string): string {
  if (!address.includes(':')) return address;
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/64`).toString()}/64`;
}
