// The gateway's way in. Its answer says one of two things: it arrived safely, or nothing can be
// kept now. Who sends a wrong token, a wrong key or nonsense is told exactly what everybody is
// told, and when everybody is told it.
import { Clock, idForm, Logger, Unavailable, within } from '@quittance/platform';
import { KeySet, verifyCallbackToken } from '@quittance/vault';
import { Controller, HttpCode, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { BufferedCallbacks } from '../outage/buffered-callbacks.js';
import { ResponseTicks } from './response-ticks.js';
import { CallbackCounter } from './callback-counter.js';
import { CallbackSources } from './callback-sources.js';
import type { ReceivedBody } from '../received-body.js';
import { CallbackReception } from './callback-reception.js';

const ANSWER = { received: true } as const;
const ADDRESS = new RegExp(`^(${idForm('pi')})\\.([A-Za-z0-9_-]{1,100})$`);
/**
 * After a callback could be kept nowhere everybody is told 503 for so long, unless one can be kept
 * again.
 */
const UNABLE_FOR_MS = 5_000;

/**
 * Postgres has so long; then the callback is kept in Redis, which has two seconds, and the gateway
 * has its answer within its five. What Postgres still does with it afterwards does no harm: taking
 * a callback twice changes nothing.
 */
const STORED_WITHIN_MS = 2_000;

@Controller('callbacks')
export class CallbackController {
  #unableUntil = 0;

  constructor(
    private readonly receiver: CallbackReception,
    private readonly kept: BufferedCallbacks,
    private readonly keys: KeySet,
    private readonly clock: Clock,
    private readonly log: Logger,
    private readonly moments: ResponseTicks,
    private readonly sources: CallbackSources,
    private readonly callbacks: CallbackCounter,
  ) {}

  @Post(':address')
  @HttpCode(200)
  async receive(
    @Param('address') address: string,
    @Req() request: FastifyRequest,
  ): Promise<typeof ANSWER> {
    const isSafe = await this.moments.hold(() => this.#admit(address, request));
    if (isSafe) return ANSWER;
    throw new Unavailable('unavailable', 'The callback could not be stored. Send it again.', {
      retryAfterSeconds: UNABLE_FOR_MS / 1_000,
    });
  }

  /**
   * False when callbacks can be kept nowhere, also of one that nobody would keep: that tells no
   * token from another. Known at once where there is nothing to do; {@link ResponseTicks} hides the
   * difference.
   */
  #admit(address: string, request: FastifyRequest): boolean | Promise<boolean> {
    const { headers, ip, body } = request;
    const paymentId = this.#paymentAt(address);
    const isFromGateway = this.sources.has(ip, headers['x-forwarded-for']);
    if (paymentId === undefined || !isFromGateway) {
      this.callbacks.count(isFromGateway ? 'bad_token' : 'other_source');
      return performance.now() >= this.#unableUntil;
    }
    return this.#take({
      paymentId,
      contentType: headers['content-type'],
      body: typeof body === 'string' ? body : '',
      receivedAt: this.clock.now(),
    });
  }

  #paymentAt(address: string): string | undefined {
    const [, paymentId = '', token = ''] = ADDRESS.exec(address) ?? [];
    return verifyCallbackToken(paymentId, token, this.keys) ? paymentId : undefined;
  }

  async #take(received: ReceivedBody): Promise<boolean> {
    const isSafe = await this.#store(received);
    this.#unableUntil = isSafe ? 0 : performance.now() + UNABLE_FOR_MS;
    return isSafe;
  }

  /** Whether it is where it survives this process. */
  async #store(received: ReceivedBody): Promise<boolean> {
    try {
      this.callbacks.count(await within(STORED_WITHIN_MS, this.receiver.receive(received)));
      return true;
    } catch (error) {
      this.log.warn(
        { err: error, paymentId: received.paymentId },
        'a callback could not be stored in Postgres',
      );
      return this.#keep(received);
    }
  }

  async #keep(received: ReceivedBody): Promise<boolean> {
    try {
      await this.kept.keep(received);
      this.callbacks.count('kept');
      return true;
    } catch (error) {
      this.callbacks.count('refused');
      this.log.error(
        { err: error, paymentId: received.paymentId },
        'a callback could not be kept anywhere',
      );
      return false;
    }
  }
}
