// The HTTP client of the gateway: one connection and one exchange per call, without retries and
// redirects.
import {
  encodeProbe,
  statusPath,
  updatingStatusPath,
  type WireRequest,
} from '@quittance/gateway-protocol';
import type { InquiryAnswer, TerminalMode } from '@quittance/payments';
import { inSpan, isPublicAddress, type Metrics } from '@quittance/platform';
import { CertificatePins } from './connection/certificate-pins.js';
import { GuardedConnector, type Resolve } from './connection/guarded-connector.js';
import { type Exchange, exchange, type ExchangeRequest } from './exchange.js';
import { interpretProbe, interpretStatus, type OwnTerminal } from './interpret-reply.js';

/** The options of a {@link GatewayClient}. */
export interface GatewayClientOptions {
  readonly metrics: Metrics;
  /** The timeout of an inquiry, in milliseconds. No caller waits for one. */
  readonly inquiryTimeoutMs: number;
  /** Public keys that gateways must present; without pins a valid certificate suffices. */
  readonly pins?: CertificatePins;
  /** Certificates of authorities to trust instead of the system's, as PEM. */
  readonly ca?: string;
  /** Called with the result of each call. */
  readonly onCall?: (lane: string, result: Exchange['kind']) => void;
  /** Replaces the system's resolver. */
  readonly resolve?: Resolve;
}

/** The address of a terminal's gateway, and the rules for reaching it. A terminal fits the type. */
export interface GatewayAccount {
  /** An http or https URL, with or without a path prefix. */
  readonly baseUrl: string;
  /**
   * `live` allows only public addresses and only TLS; `test` also allows a sandbox on this machine.
   */
  readonly mode: TerminalMode;
  /** The terminal's lane, for the metrics. */
  readonly lane?: string;
}

/** The limits of a request that can move money. */
export interface SendLimits {
  /** Longest wait for the reply, in milliseconds. */
  readonly timeoutMs: number;
  /** Called right before the first byte; false forbids it to leave. */
  readonly mayStart: () => boolean;
}

/** A connection opens in milliseconds or not at all; a dead host must not use up the deadline. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Seconds, closest around the usual time of a reply. The longest finite one exceeds the default
 * time-out, so that time-outs differ from longer waits.
 */
const CALL_BUCKETS = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 20, 31, 60];

const RESULTS: readonly Exchange['kind'][] = ['replied', 'notSent', 'noReply'];

type Operation = 'create' | 'refund' | 'status' | 'update' | 'probe';

/** Calls the gateways of all terminals. */
export class GatewayClient {
  readonly #connectors: Readonly<Record<TerminalMode, GuardedConnector>>;
  readonly #inquiryTimeoutMs: number;
  readonly #onCall: NonNullable<GatewayClientOptions['onCall']>;
  readonly #durations;
  /** The lanes and operations that have series. */
  readonly #counted = new Set<string>();

  constructor(options: GatewayClientOptions) {
    const { metrics, inquiryTimeoutMs } = options;
    this.#inquiryTimeoutMs = inquiryTimeoutMs;
    this.#onCall = options.onCall ?? (() => undefined);
    this.#connectors = {
      test: guardedConnector(options, () => true),
      live: guardedConnector(options, isPublicAddress),
    };
    this.#durations = metrics.histogram({
      name: 'gateway_call_seconds',
      help: 'Calls to the gateway, by lane, operation and result: replied, notSent or noReply.',
      labels: ['lane', 'operation', 'result'],
      buckets: CALL_BUCKETS,
    });
  }

  /** Sends a create request once. Calls `mayStart` right before the first byte. Never rejects. */
  create(account: GatewayAccount, request: WireRequest, limits: SendLimits): Promise<Exchange> {
    return this.#call('create', account, { ...posted(request), ...limits });
  }

  /** Sends a refund request once, under the same conditions as {@link create}. */
  refund(account: GatewayAccount, request: WireRequest, limits: SendLimits): Promise<Exchange> {
    return this.#call('refund', account, { ...posted(request), ...limits });
  }

  /** Looks up the gateway's record by transID, or by reference where the deployment supports it. */
  async lookUp(
    account: GatewayAccount & OwnTerminal,
    transIdOrReference: string,
  ): Promise<InquiryAnswer> {
    return interpretStatus(await this.ask(account, transIdOrReference), account);
  }

  /** Looks a transaction up, whatever the gateway replies. Never rejects. */
  ask(account: GatewayAccount, transIdOrReference: string): Promise<Exchange> {
    return this.#call('status', account, this.#get(statusPath(transIdOrReference)));
  }

  /**
   * Makes the gateway query its acquirer. The reply is ignored, because it can name a status that
   * was not stored (protocol §5.2); look the transaction up afterwards.
   */
  async refresh(account: GatewayAccount, transId: string): Promise<void> {
    const path = updatingStatusPath(transId);
    await this.#call('update', account, { ...this.#get(path), method: 'POST', body: '' });
  }

  /** Inquires whether a reference exists, with a request that cannot create one (protocol §11). */
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

  /** Closes all connections; exchanges in flight fail as `noReply`. */
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
    const { lane = 'none' } = account;
    this.#countFromZero(lane, operation);
    const stop = this.#durations.startTimer({ lane, operation });
    // The gateway gets no traceparent: it is not ours, and the header would name our traces to it.
    const result = await inSpan(`gateway.${operation}`, { kind: 'client' }, async (span) => {
      const exchanged = await this.#exchange(account, request);
      span.set({ 'quittance.result': exchanged.kind });
      if (exchanged.kind === 'replied')
        span.set({ 'http.response.status_code': exchanged.httpStatus });
      return exchanged;
    });
    stop({ result: result.kind });
    this.#onCall(lane, result.kind);
    return result;
  }

  /** Creates the series of all results at the first call: `rate` cannot see a series appear. */
  #countFromZero(lane: string, operation: Operation): void {
    const name = `${operation} ${lane}`;
    if (this.#counted.has(name)) return;
    this.#counted.add(name);
    for (const result of RESULTS) this.#durations.zero({ lane, operation, result });
  }

  /** The address always is the terminal's own, whatever a reply, a redirect or a transID says. */
  async #exchange(
    { baseUrl, mode }: GatewayAccount,
    request: Omit<ExchangeRequest, 'origin'>,
  ): Promise<Exchange> {
    const { origin, pathname, protocol } = new URL(baseUrl);
    // Card data never travels in plaintext, even if the address in the database is wrong.
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
