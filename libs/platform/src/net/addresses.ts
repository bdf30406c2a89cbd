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
    const canonical = canonicalAddress(address);
    const family = canonical && familyOf(canonical);
    return family ? this.#ranges.check(canonical, family) : false;
  }
}

/** Whether `text` is an IP address or a CIDR subnet. */
export function isAddressRange(text: string): boolean {
  return parseRange(text) !== undefined;
}

/**
 * The one spelling of an IP address: without its zone, an IPv6 address compressed and in lower case (RFC 5952), an IPv4-mapped
 * one as the IPv4 address it means. `undefined` for a text that is no address.
 */
export function canonicalAddress(text: string): string | undefined {
  const [bare = ''] = text.split('%', 1);
  const version = isIP(bare);
  if (version !== 6) return version === 4 ? bare : undefined;
  // The URL parser has one spelling for each address: `::ffff:7f00:1` for the four ways to write it.
  const spelt = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const [, high, low] = MAPPED_IPV4.exec(spelt) ?? [];
  if (high === undefined || low === undefined) return spelt;
  const [first, second] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [first >> 8, first & 255, second >> 8, second & 255].join('.');
}

const MAPPED_IPV4 = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;
/** Bits before the IPv4 address in an IPv4-mapped one. */
const MAPPED_PREFIX = 96;

function parseRange(text: string) {
  const [written = '', prefixText, ...rest] = text.split('/');
  const [address, family] = [canonicalAddress(written), familyOf(written)];
  if (address === undefined || !family || written.includes('%') || rest.length > 0)
    return undefined;
  const longest = family === 'ipv4' ? 32 : 128;
  if (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText)) return undefined;
  const prefix = prefixText === undefined ? longest : Number(prefixText);
  if (prefix > longest) return undefined;
  // Members are looked up as the IPv4 addresses they mean, so that their range must mean the same.
  const isMapped = family === 'ipv6' && familyOf(address) === 'ipv4' && prefix >= MAPPED_PREFIX;
  if (isMapped) return { address, family: 'ipv4', prefix: prefix - MAPPED_PREFIX } as const;
  return { address: written, family, prefix };
}

function familyOf(address: string): Family | undefined {
  return ({ 4: 'ipv4', 6: 'ipv6' } as const)[isIP(address)];
}

/** Where a request's address can be read. */
export interface RequestOrigin {
  /** The other end of the connection. */
  readonly peer: string | undefined;
  /** `X-Forwarded-For`, as Node gives it. */
  readonly forwardedFor: string | readonly string[] | undefined;
}

/**
 * The caller's address in its canonical spelling: the peer's, or the nearest one that trusted proxies name. Each proxy appends the
 * address it was called from, so that only entries at the end, appended by trusted ones, are believed. `undefined` where a trusted
 * proxy names something that is no address.
 */
export function callerAddress(
  { peer = '', forwardedFor = [] }: RequestOrigin,
  proxies?: AddressRanges,
): string | undefined {
  let address = canonicalAddress(peer);
  if (!proxies) return address;
  const entries = [forwardedFor].flat().join(',').split(',');
  if (entries.length === 1 && entries[0] === '') return address;
  while (address !== undefined && proxies.has(address)) {
    const entry = entries.pop();
    if (entry === undefined) return address;
    address = forwardedAddress(entry.trim());
  }
  return address;
}

/** With a port, as Azure Application Gateway appends it, or without; IPv6 in brackets or bare. */
const WITH_PORT = /^(?:\[(?<ipv6>[^\]]*)\](?::\d{1,5})?|(?<ipv4>[\d.]+):\d{1,5})$/;

function forwardedAddress(entry: string): string | undefined {
  const { ipv6, ipv4 } = WITH_PORT.exec(entry)?.groups ?? {};
  return canonicalAddress(ipv6 ?? ipv4 ?? entry);
}
