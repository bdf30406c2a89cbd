// Whom an address stands for. One customer of a provider gets a whole IPv6 /64 (RFC 6177), so counting single addresses of
// it would count nothing.
const GROUPS = 8;
const GROUPS_OF_NETWORK = 4;

/** A canonical IPv4 address as it is, a canonical IPv6 address as its /64: `2001:db8:0:7::/64`. */
export function addressGroup(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const groups = groupsOf(head);
  if (tail !== undefined) {
    const last = groupsOf(tail);
    const missing = Math.max(0, GROUPS - groups.length - last.length);
    groups.push(...Array.from({ length: missing }, () => '0'), ...last);
  }
  return `${groups.slice(0, GROUPS_OF_NETWORK).join(':')}::/64`;
}

function groupsOf(part: string): string[] {
  return part === '' ? [] : part.split(':');
}
