// The HTTP side of talking to the gateway: a connection and one exchange per call, no retries, no
// redirects.
import {
  encodeProbe,
  statusPath,
  updatingStatusPath,
  type WireRequest,
} from '@quittance/gateway-protocol';
import type { InquiryAnswer, TerminalMode } from '@quittance/payments';
import { isPublicAddress, type Metrics } from '@quittance/platform';
import { CertificatePins } from './connection/certificate-pins.js';
import { GuardedConnector, type Resolve } from './connection/guarded-connector.js';
import { type Exchange, exchange, type ExchangeRequest } from './exchange.js';
import { interpretProbe, interpretStatus, type OwnTerminal } from './interpret-reply.js';

export interface GatewayClientOptions {
  readonly metrics: Metrics;
  /** For an inquiry, which nobody waits for. In milliseconds. */
  readonly inquiryTimeoutMs: number;
  /** Public keys that gateways must show; without, a certificate that verifies is enough. */
  readonly pins?: CertificatePins;
  /** Certificates of authorities to trust instead of the system's, as PEM. */
  readonly ca?: string;
  /** Instead of the system's resolver. */
  readonly resolve?: Resolve;
}

/** Where a terminal's gateway is, and how carefully it has to be reached. A terminal is one. */
export interface GatewayAccount {
  /** http or https, with or without a path before the gateway's own. */
  readonly baseUrl: string;
  /**
   * `live` goes only to public addresses and only over TLS; `test` also to a sandbox on this
   * machine.
   */
  readonly mode: TerminalMode;
}

/** For requests that can move money. */
export interface SendLimits {
  /** Longest wait for the reply, in milliseconds. */
  readonly timeoutMs: number;
  /** Asked right before the first byte; false means that it must not leave any more. */
  readonly mayStart: () => boolean;
}

/**
 * A connection is opened in milliseconds or not at all; a dead host must not eat the whole
 * deadline.
 */
const CONNECT_TIMEOUT_MS = 5_000;

type Operation = 'create' | 'refund' | 'status' | 'update' | 'probe';

export class GatewayClient {
  readonly #connectors: Readonly<Record<TerminalMode, GuardedConnector>>;
  readonly #inquiryTimeoutMs: number;
  readonly #durations;

  constructor(options: GatewayClientOptions) {
    const { metrics, inquiryTimeoutMs } = options;
    this.#inquiryTimeoutMs = inquiryTimeoutMs;
    this.#connectors = {
      test: guardedConnector(options, () => true),
      live: guardedConnector(options, isPublicAddress),
    };
    this.#durations = metrics.histogram({
      name: 'gateway_call_seconds',
      help: 'Calls to the gateway by operation and what became of them: replied, notSent or noReply.',
      labels: ['operation', 'result'],
    });
  }

  /**
   * Hands a create request over, once. `mayStart` is asked right before the first byte. Never
   * rejects.
   */
  create(account: GatewayAccount, request: WireRequest, limits: SendLimits): Promise<Exchange> {
    return this.#call('create', account, { ...posted(request), ...limits });
  }

  /** Hands a refund request over, once, on the same terms as {@link create}. */
  refund(account: GatewayAccount, request: WireRequest, limits: SendLimits): Promise<Exchange> {
    return this.#call('refund', account, { ...posted(request), ...limits });
  }

  /** Reads the gateway's record by transID, or by reference where the deployment supports it. */
  async lookUp(
    account: GatewayAccount & OwnTerminal,
    transIdOrReference: string,
  ): Promise<InquiryAnswer> {
    const request = this.#get(statusPath(transIdOrReference));
    return interpretStatus(await this.#call('status', account, request), account);
  }

  /**
   * Has the gateway ask its acquirer. The reply is not used: it can name a status that was not
   * stored (protocol §5.2); look up afterwards.
   */
  async refresh(account: GatewayAccount, transId: string): Promise<void> {
    const path = updatingStatusPath(transId);
    await this.#call('update', account, { ...this.#get(path), method: 'POST', body: '' });
  }

  /** Asks whether a reference exists without being able to create anything (protocol §11). */
  async probe(
    account: GatewayAccount,
    reference: string,
    publicKey: string,
  ): Promise<InquiryAnswer> {
    const request = posted(encodeProbe(reference, { publicKey }));
    return interpretProbe(
      await this.#call('probe', account, { ...request, timeoutMs: this.#inquiryTimeoutMs }),
    );
  }

  /** Ends all connections; exchanges under way fail as `noReply`. */
  close(): void {
    for (const connector of Object.values(this.#connectors)) connector.close();
  }

  #get(path: string): Omit<ExchangeRequest, 'origin'> {
    return { method: 'GET', path, headers: {}, body: null, timeoutMs: this.#inquiryTimeoutMs };
  }

  async #call(
    operation: Operation,
    account: GatewayAccount,
    request: Omit<ExchangeRequest, 'origin'>,
  ): Promise<Exchange> {
    const stop = this.#durations.startTimer({ operation });
    const result = await this.#exchange(account, request);
    stop({ result: result.kind });
    return result;
  }

  /** The address is the terminal's own, whatever a reply, a redirect or a transID says. */
  async #exchange(
    { baseUrl, mode }: GatewayAccount,
    request: Omit<ExchangeRequest, 'origin'>,
  ): Promise<Exchange> {
    const { origin, pathname, protocol } = new URL(baseUrl);
    // Card data does not travel in clear, whoever wrote the address into the database.
    if (mode === 'live' && protocol !== 'https:')
      return { kind: 'notSent', reason: 'gateway_not_https' };
    const path = pathname.replace(/\/$/, '') + request.path;
    return exchange(this.#connectors[mode], { ...request, origin, path });
  }
}

function guardedConnector(
  { pins = new CertificatePins(), resolve, ca }: GatewayClientOptions,
  mayConnectTo: (address: string) => boolean,
): GuardedConnector {
  return new GuardedConnector({ timeoutMs: CONNECT_TIMEOUT_MS, mayConnectTo, pins, resolve, ca });
}

function posted({
  path,
  contentType,
  body,
}: WireRequest): Omit<ExchangeRequest, 'origin' | 'timeoutMs'> {
  return { method: 'POST', path, headers: { 'content-type': contentType }, body };
}
