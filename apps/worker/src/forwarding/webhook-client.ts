// Posts callbacks to merchants' webhooks. The address comes from a request, so that only origins
// that an operator allowed are called; a name is resolved once and its addresses are checked, and a
// redirect is not followed.
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CertificatePins, exchange, GuardedConnector } from '@quittance/gateway';
import type { TerminalMode } from '@quittance/payments';
import { isPublicAddress } from '@quittance/platform';

/** The gateway asks its merchants to respond within five seconds (protocol §6.2). */
const RESPONSE_WITHIN_MS = 10_000;
const CONNECT_WITHIN_MS = 5_000;

@Injectable()
export class WebhookClient implements OnApplicationShutdown {
  readonly #connectors: Readonly<Record<TerminalMode, GuardedConnector>> = {
    test: connector(() => true),
    live: connector(isPublicAddress),
  };

  onApplicationShutdown(): void {
    for (const one of Object.values(this.#connectors)) one.close();
  }

  /**
   * Posts a body once. Resolves with `undefined` if the receiver took it with a 2xx, otherwise with
   * the reason, a stable word. Never rejects.
   */
  async post(url: URL, body: string, mode: TerminalMode): Promise<string | undefined> {
    if (mode === 'live' && url.protocol !== 'https:') return 'not_https';
    const result = await exchange(this.#connectors[mode], {
      origin: url.origin,
      method: 'POST',
      path: url.pathname + url.search,
      headers: { 'content-type': 'application/json', 'user-agent': 'Quittance' },
      body,
      timeoutMs: RESPONSE_WITHIN_MS,
    });
    if (result.kind !== 'replied') return result.reason;
    return result.httpStatus >= 200 && result.httpStatus < 300
      ? undefined
      : `http_${result.httpStatus}`;
  }
}

function connector(mayConnectTo: (address: string) => boolean): GuardedConnector {
  return new GuardedConnector({
    timeoutMs: CONNECT_WITHIN_MS,
    mayConnectTo,
    pins: new CertificatePins(),
  });
}
