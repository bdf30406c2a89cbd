// Recognizes addresses on the public Internet. A public name that resolves to our own network, this
// machine or a cloud's metadata service (169.254.169.254) is a mistake or an attack.
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * All global unicast IPv6 addresses. Loopback, link-local, unique local and mapped addresses are
 * outside.
 */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');
/**
 * With DNS64, an IPv6-only host reaches every IPv4 address through NAT64 (RFC 6052), including
 * private ones.
 */
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/**
 * True when an IP address is on the public Internet according to IANA's registries of
 * special-purpose addresses (RFC 6890). Always false for an IPv4-mapped IPv6 address, because no
 * name server has a reason to return one.
 */
export function isPublicAddress(text: string): boolean {
  const [bare = ''] = text.split('%', 1);
  if (isIP(bare) === 0) return false;
  const address = ipaddr.parse(bare);
  if (address instanceof ipaddr.IPv4) return isUnicast(address);
  if (address.match(NAT64)) return isUnicast(new ipaddr.IPv4(address.toByteArray().slice(12)));
  return isUnicast(address) && address.match(GLOBAL_UNICAST);
}

function isUnicast(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address.range() === 'unicast';
}
