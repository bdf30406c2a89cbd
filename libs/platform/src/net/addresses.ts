// IP addresses: sets of them, written as people write them (CIDR, RFC 4632 and RFC 4291 §2.3), and
// the address that a request comes from. One address has one meaning here: `::ffff:192.0.2.1`, as
// which a dual-stack socket shows an IPv4 peer (RFC 4291 §2.5.5.2), is 192.0.2.1.
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Addresses and subnets, IPv4 and IPv6 together. */
export class AddressRanges {
  readonly #ranges: readonly (readonly [network: Address, prefix: number])[];

  /**
   * `ranges`: addresses or CIDR subnets, e.g. `192.0.2.7` or `2001:db8::/32`. Throws a RangeError
   * that names a wrong one.
   */
  constructor(ranges: readonly string[]) {
    this.#ranges = ranges.map((range) => {
      const parsed = parseRange(range);
      if (!parsed) throw new RangeError(`"${range}" is no IP address and no CIDR subnet`);
      return parsed;
    });
  }

  /**
   * Whether `address` lies within; false for what is no IP address. A zone (`fe80::1%eth0`) is
   * ignored.
   */
  has(address: string): boolean {
    const parsed = parseAddress(address);
    return this.#ranges.some(
      ([network, prefix]) =>
        parsed !== undefined && parsed.kind() === network.kind() && parsed.match(network, prefix),
    );
  }
}

/** Whether `text` is an IP address or a CIDR subnet. */
export function isAddressRange(text: string): boolean {
  return parseRange(text) !== undefined;
}

/**
 * The one spelling of an IP address: without its zone, an IPv6 address compressed and in lower case
 * (RFC 5952), an IPv4-mapped one as the IPv4 address it means. `undefined` for a text that is no
 * address.
 */
export function canonicalAddress(text: string): string | undefined {
  return parseAddress(text)?.toString();
}

/** Node judges the spelling: ipaddr.js also accepts `0x7f.1` and `192.0.2.01`. */
function parseAddress(text: string): Address | undefined {
  const [bare = ''] = text.split('%', 1);
  return isIP(bare) === 0 ? undefined : ipaddr.process(bare);
}

/** Bits before the IPv4 address in an IPv4-mapped one. */
const MAPPED_PREFIX = 96;

function parseRange(text: string): readonly [network: Address, prefix: number] | undefined {
  const [written = '', prefixText, ...rest] = text.split('/');
  if (isIP(written) === 0 || written.includes('%') || rest.length > 0) return undefined;
  if (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText)) return undefined;
  const network = ipaddr.parse(written);
  const longest = network.kind() === 'ipv4' ? 32 : 128;
  const prefix = prefixText === undefined ? longest : Number(prefixText);
  if (prefix > longest) return undefined;
  // Members are looked up as the IPv4 addresses they mean, so that their range has to mean the
  // same.
  return network instanceof ipaddr.IPv6 && network.isIPv4MappedAddress() && prefix >= MAPPED_PREFIX
    ? [network.toIPv4Address(), prefix - MAPPED_PREFIX]
    : [network, prefix];
}

/** Where a request's address can be read. */
export interface RequestOrigin {
  /** The other end of the connection. */
  readonly peer: string | undefined;
  /** `X-Forwarded-For`, as Node gives it. */
  readonly forwardedFor: string | readonly string[] | undefined;
}

/**
 * The caller's address in its canonical spelling: the peer's, or the nearest one that trusted
 * proxies name. Each proxy appends the address it was called from, so that only entries at the end,
 * appended by trusted ones, are believed. `undefined` where a trusted proxy names something that is
 * no address.
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
