// Whom an address stands for. One customer of a provider gets a whole IPv6 /64 (RFC 6177), so counting single addresses of
// it would count nothing.
import { isIPv6 } from 'node:net';

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const GROUPS = 8;
const GROUPS_OF_NETWORK = 4;

/** An IPv4 address as it is, an IPv6 address as its /64: `2001:db8:0:7::/64`. */
export function addressGroup(address: string): string {
  const mapped = MAPPED_IPV4.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [bare = ''] = address.split('%');
  const [head = '', tail] = bare.split('::');
  const groups = groupsOf(head);
  if (tail !== undefined) {
    const last = groupsOf(tail);
    const missing = Math.max(0, GROUPS - groups.length - last.length);
    groups.push(...Array.from({ length: missing }, () => '0'), ...last);
  }
  const network = groups.slice(0, GROUPS_OF_NETWORK);
  return `${network.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

function groupsOf(part: string): string[] {
  return part === '' ? [] : part.split(':');
}
