// The HTTP side of talking to the gateway: one pool of connections per gateway, one exchange per call, no retries, no redirects.
import {
  encodeProbe,
  statusPath,
  updatingStatusPath,
  type WireRequest,
} from '@quittance/gateway-protocol';
import type { InquiryAnswer } from '@quittance/payments';
import type { Metrics } from '@quittance/platform';
import { Agent } from 'undici';
import { type Exchange, exchange, type ExchangeRequest } from './exchange.js';
import { interpretProbe, interpretStatus } from './interpret-inquiry.js';

export interface GatewayClientOptions {
  readonly metrics: Metrics;
  /** Connections per gateway; more submissions than this wait for one, unsent. */
  readonly connections: number;
  /** For an inquiry, which nobody waits for. In milliseconds. */
  readonly inquiryTimeoutMs: number;
}

/** For requests that can move money. */
export interface SendLimits {
  /** Longest wait for the reply, in milliseconds. */
  readonly timeoutMs: number;
  /** Asked right before the first byte; false means that it must not leave any more. */
  readonly mayStart: () => boolean;
}

/** A connection is opened in milliseconds or not at all; a dead host must not eat the whole deadline. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Below common servers' idle limit of 5 s: a connection that they close while we write to it leaves a payment in doubt. */
const KEEP_ALIVE_MS = 3_000;

type Operation = 'create' | 'refund' | 'status' | 'update' | 'probe';

export class GatewayClient {
  readonly #agent: Agent;
  readonly #inquiryTimeoutMs: number;
  readonly #durations;

  constructor({ metrics, connections, inquiryTimeoutMs }: GatewayClientOptions) {
    this.#inquiryTimeoutMs = inquiryTimeoutMs;
    this.#agent = new Agent({
      connections,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      connect: { timeout: CONNECT_TIMEOUT_MS },
    });
    this.#durations = metrics.histogram({
      name: 'gateway_call_seconds',
      help: 'Calls to the gateway by operation and what became of them: replied, notSent or noReply.',
      labels: ['operation', 'result'],
    });
  }

  /** Hands a create request over, once. `mayStart` is asked right before the first byte. Never rejects. */
  create(baseUrl: string, request: WireRequest, limits: SendLimits): Promise<Exchange> {
    return this.#call('create', baseUrl, { ...posted(request), ...limits });
  }

  /** Hands a refund request over, once, on the same terms as {@link create}. */
  refund(baseUrl: string, request: WireRequest, limits: SendLimits): Promise<Exchange> {
    return this.#call('refund', baseUrl, { ...posted(request), ...limits });
  }

  /** Reads the gateway's record by transID, or by reference where the deployment supports it. */
  async lookUp(baseUrl: string, transIdOrReference: string): Promise<InquiryAnswer> {
    return interpretStatus(
      await this.#call('status', baseUrl, this.#get(statusPath(transIdOrReference))),
    );
  }

  /**
   * Has the gateway ask its acquirer. The reply is not used: it can name a status that was not stored (protocol §5.2);
   * look up afterwards.
   */
  async refresh(baseUrl: string, transId: string): Promise<void> {
    const path = updatingStatusPath(transId);
    await this.#call('update', baseUrl, { ...this.#get(path), method: 'POST', body: '' });
  }

  /** Asks whether a reference exists without being able to create anything (protocol §11). */
  async probe(baseUrl: string, reference: string, publicKey: string): Promise<InquiryAnswer> {
    const request = posted(encodeProbe(reference, { publicKey }));
    return interpretProbe(
      await this.#call('probe', baseUrl, { ...request, timeoutMs: this.#inquiryTimeoutMs }),
    );
  }

  /** Ends all connections; exchanges under way fail as `noReply`. */
  close(): Promise<void> {
    return this.#agent.destroy();
  }

  #get(path: string): Omit<ExchangeRequest, 'origin'> {
    return { method: 'GET', path, headers: {}, body: null, timeoutMs: this.#inquiryTimeoutMs };
  }

  async #call(
    operation: Operation,
    baseUrl: string,
    request: Omit<ExchangeRequest, 'origin'>,
  ): Promise<Exchange> {
    const stop = this.#durations.startTimer({ operation });
    const { origin, pathname } = new URL(baseUrl);
    const path = pathname.replace(/\/$/, '') + request.path;
    const result = await exchange(this.#agent, { ...request, origin, path });
    stop({ result: result.kind });
    return result;
  }
}

function posted({
  path,
  contentType,
  body,
}: WireRequest): Omit<ExchangeRequest, 'origin' | 'timeoutMs'> {
  return { method: 'POST', path, headers: { 'content-type': contentType }, body };
}
