// Restricts the addresses from which callbacks may come. This is a second defence beside the token,
// off by default: the gateway publishes no addresses, so an operator must know them.
import { type AddressRanges, callerAddress } from '@quittance/platform';

/** The addresses from which callbacks are accepted. */
export class CallbackSources {
  /**
   * `allowed`: undefined admits every address. `proxies`: those whose `X-Forwarded-For` is trusted.
   */
  constructor(
    private readonly allowed: AddressRanges | undefined,
    private readonly proxies?: AddressRanges,
  ) {}

  /**
   * True when a request may have come from the gateway, judged by the peer's address, or by the
   * nearest one in front of trusted proxies.
   */
  has(peer: string, forwardedFor?: string | readonly string[]): boolean {
    if (!this.allowed) return true;
    const address = callerAddress({ peer, forwardedFor }, this.proxies);
    return address !== undefined && this.allowed.has(address);
  }
}
