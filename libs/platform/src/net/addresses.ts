// IP addresses: sets of them in CIDR notation (RFC 4632 and RFC 4291 §2.3), and the address of a
// request's caller. An IPv4-mapped address such as `::ffff:192.0.2.1`, as which a dual-stack socket
// shows an IPv4 peer (RFC 4291 §2.5.5.2), means 192.0.2.1.
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A set of addresses and subnets, IPv4 and IPv6 together. */
export class AddressRanges {
  readonly #ranges: readonly (readonly [network: Address, prefix: number])[];

  /**
   * `ranges` are addresses or CIDR subnets, such as `192.0.2.7` or `2001:db8::/32`. Throws a
   * RangeError that names an invalid one.
   */
  constructor(ranges: readonly string[]) {
    this.#ranges = ranges.map((range) => {
      const parsed = parseRange(range);
      if (!parsed) throw new RangeError(`"${range}" is neither an IP address nor a CIDR subnet`);
      return parsed;
    });
  }

  /**
   * True when `address` lies within the set; false for a text that is not an IP address. A zone
   * (`fe80::1%eth0`) is ignored.
   */
  has(address: string): boolean {
    const parsed = parseAddress(address);
    return this.#ranges.some(
      ([network, prefix]) =>
        parsed !== undefined && parsed.kind() === network.kind() && parsed.match(network, prefix),
    );
  }
}

/** True when `text` is an IP address or a CIDR subnet. */
export function isAddressRange(text: string): boolean {
  return parseRange(text) !== undefined;
}

/**
 * Returns the canonical form of an IP address: without its zone, IPv6 compressed and in lower case
 * (RFC 5952), IPv4-mapped as the IPv4 address. Returns `undefined` for a text that is not an
 * address.
 */
export function canonicalAddress(text: string): string | undefined {
  return parseAddress(text)?.toString();
}

/** Node validates the text, because ipaddr.js also accepts `0x7f.1` and `192.0.2.01`. */
function parseAddress(text: string): Address | undefined {
  const [bare = ''] = text.split('%', 1);
  return isIP(bare) === 0 ? undefined : ipaddr.process(bare);
}

/** Bits before the IPv4 address in an IPv4-mapped address. */
const MAPPED_PREFIX = 96;

function parseRange(text: string): readonly [network: Address, prefix: number] | undefined {
  const [written = '', prefixText, ...rest] = text.split('/');
  if (isIP(written) === 0 || written.includes('%') || rest.length > 0) return undefined;
  if (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText)) return undefined;
  const network = ipaddr.parse(written);
  const longest = network.kind() === 'ipv4' ? 32 : 128;
  const prefix = prefixText === undefined ? longest : Number(prefixText);
  if (prefix > longest) return undefined;
  // Members are looked up as IPv4 addresses, so a mapped range has to be converted as well.
  return network instanceof ipaddr.IPv6 && network.isIPv4MappedAddress() && prefix >= MAPPED_PREFIX
    ? [network.toIPv4Address(), prefix - MAPPED_PREFIX]
    : [network, prefix];
}

/** The sources of a request's address. */
export interface RequestOrigin {
  /** The other end of the connection. */
  readonly peer: string | undefined;
  /** `X-Forwarded-For`, as Node provides it. */
  readonly forwardedFor: string | readonly string[] | undefined;
}

/**
 * Returns the caller's address in canonical form: the peer's, or the nearest untrusted one in the
 * chain of trusted proxies. Each proxy appends the address of its client, so only the last entries,
 * appended by trusted proxies, are trusted. Returns `undefined` if a trusted proxy names something
 * that is not an address.
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

/**
 * An address with a port, as Azure Application Gateway appends it, or without. IPv6 is bracketed or
 * bare.
 */
const WITH_PORT = /^(?:\[(?<ipv6>[^\]]*)\](?::\d{1,5})?|(?<ipv4>[\d.]+):\d{1,5})$/;

function forwardedAddress(entry: string): string | undefined {
  const { ipv6, ipv4 } = WITH_PORT.exec(entry)?.groups ?? {};
  return canonicalAddress(ipv6 ?? ipv4 ?? entry);
}
