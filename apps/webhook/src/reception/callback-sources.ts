// From where callbacks may come, where an operator knows the gateway's addresses. A second wall
// beside the token, off by default: the gateway publishes no addresses.
import { type AddressRanges, callerAddress } from '@quittance/platform';

export class CallbackSources {
  /**
   * `allowed`: undefined admits every address. `proxies`: those whose `X-Forwarded-For` is
   * believed.
   */
  constructor(
    private readonly allowed: AddressRanges | undefined,
    private readonly proxies?: AddressRanges,
  ) {}

  /**
   * Whether a request may have come from the gateway: the peer's address, or the nearest one in
   * front of trusted proxies.
   */
  has(peer: string, forwardedFor?: string | readonly string[]): boolean {
    if (!this.allowed) return true;
    const address = callerAddress({ peer, forwardedFor }, this.proxies);
    return address !== undefined && this.allowed.has(address);
  }
}
