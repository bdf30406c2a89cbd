// From which address a request comes, behind whichever proxies. One function for every server, so that what is counted, stored,
// sent and allowed is the same address in the same spelling.
import { type AddressRanges, canonicalAddress } from './address-ranges.js';

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
