// From where callbacks may come, where an operator knows the gateway's addresses. A second wall beside the token, off by default:
// the gateway publishes no addresses.
import { AddressRanges } from '@quittance/platform';

const NOBODY = new AddressRanges([]);

export class CallbackSources {
  /** `allowed`: undefined lets everybody in. `proxies`: whose `X-Forwarded-For` is believed, and nobody else's. */
  constructor(
    private readonly allowed: AddressRanges | undefined,
    private readonly proxies: AddressRanges = NOBODY,
  ) {}

  /** Whether a request may have come from the gateway: the peer's address, or the nearest one in front of trusted proxies. */
  has(peer: string, forwardedFor: string | readonly string[] = []): boolean {
    return this.allowed?.has(this.#sourceOf(peer, forwardedFor)) ?? true;
  }

  /** Each proxy appends whom it heard from, so that only what trusted ones appended, at the end, can be believed. */
  #sourceOf(peer: string, forwardedFor: string | readonly string[]): string {
    const hops = [forwardedFor].flat().join(',').split(',');
    let source = peer;
    while (this.proxies.has(source) && hops.length > 0) source = hops.pop()?.trim() ?? '';
    return source;
  }
}
