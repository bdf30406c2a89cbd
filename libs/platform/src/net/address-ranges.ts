// Sets of IP addresses, written as people write them (CIDR, RFC 4632 and RFC 4291 §2.3). One address has one meaning here:
// `::ffff:192.0.2.1`, as which a dual-stack socket shows an IPv4 peer (RFC 4291 §2.5.5.2), is 192.0.2.1.
import { BlockList, isIP } from 'node:net';

type Family = 'ipv4' | 'ipv6';

/** Addresses and subnets, IPv4 and IPv6 together. */
export class AddressRanges {
  readonly #ranges = new BlockList();

  /** `ranges`: addresses or CIDR subnets, e.g. `192.0.2.7` or `2001:db8::/32`. Throws a RangeError that names a wrong one. */
  constructor(ranges: readonly string[]) {
    for (const range of ranges) {
      const parsed = parseRange(range);
      if (!parsed) throw new RangeError(`"${range}" is no IP address and no CIDR subnet`);
      this.#ranges.addSubnet(parsed.address, parsed.prefix, parsed.family);
    }
  }

  /** Whether `address` lies within; false for what is no IP address. A zone (`fe80::1%eth0`) is not looked at. */
  has(address: string): boolean {
    const plain = plainAddress(address);
    const family = familyOf(plain);
    return family !== undefined && this.#ranges.check(plain, family);
  }
}

/** Whether `text` is an IP address or a CIDR subnet. */
export function isAddressRange(text: string): boolean {
  return parseRange(text) !== undefined;
}

/** Without its zone, and an IPv4-mapped one as the IPv4 address it means. What is no address comes back as it was. */
export function plainAddress(address: string): string {
  const [bare = ''] = address.split('%', 1);
  if (isIP(bare) !== 6) return bare;
  // The URL parser has one spelling for each address: `::ffff:7f00:1` for the four ways to write it.
  const spelt = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(spelt) ?? [];
  if (high === undefined || low === undefined) return spelt;
  const [first, second] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [first >> 8, first & 255, second >> 8, second & 255].join('.');
}

function parseRange(text: string) {
  const [address = '', prefixText, ...rest] = text.split('/');
  const family = familyOf(address);
  if (family === undefined || address.includes('%') || rest.length > 0) return undefined;
  const longest = family === 'ipv4' ? 32 : 128;
  if (prefixText === undefined) return { address, family, prefix: longest };
  if (!/^\d{1,3}$/.test(prefixText) || Number(prefixText) > longest) return undefined;
  return { address, family, prefix: Number(prefixText) };
}

function familyOf(address: string): Family | undefined {
  return ({ 4: 'ipv4', 6: 'ipv6' } as const)[isIP(address)];
}
