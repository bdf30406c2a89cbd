// Receives the gateway's callbacks. Every caller gets the same response at the same time, whether
// its token is valid or not: 200 once the callback is stored, 503 while it cannot be.
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

const RESPONSE = { received: true } as const;
const ADDRESS = new RegExp(`^(${idForm('pi')})\\.([A-Za-z0-9_-]{1,100})$`);
/**
 * The time for which every caller gets 503 after a callback could neither be stored nor buffered,
 * unless one can be again.
 */
const UNABLE_FOR_MS = 5_000;

/**
 * The time that Postgres has to store a callback. After it Redis has two seconds to buffer it, so
 * that the gateway gets its response within its five. If Postgres stores the callback later all the
 * same, that does no harm: storing a callback twice changes nothing.
 */
const STORED_WITHIN_MS = 2_000;

@Controller('callbacks')
export class CallbackController {
  #unableUntil = 0;

  constructor(
    private readonly receiver: CallbackReception,
    private readonly buffer: BufferedCallbacks,
    private readonly keys: KeySet,
    private readonly clock: Clock,
    private readonly log: Logger,
    private readonly ticks: ResponseTicks,
    private readonly sources: CallbackSources,
    private readonly callbacks: CallbackCounter,
  ) {}

  @Post(':address')
  @HttpCode(200)
  async receive(
    @Param('address') address: string,
    @Req() request: FastifyRequest,
  ): Promise<typeof RESPONSE> {
    const isSafe = await this.ticks.hold(() => this.#admit(address, request));
    if (isSafe) return RESPONSE;
    throw new Unavailable('unavailable', 'The callback could not be stored. Send it again.', {
      retryAfterSeconds: UNABLE_FOR_MS / 1_000,
    });
  }

  /**
   * Returns false while callbacks can neither be stored nor buffered, also for an invalid token, so
   * that the response does not distinguish tokens. The result is known at once when there is
   * nothing to do; {@link ResponseTicks} hides that difference.
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

  /** Resolves with true once the callback survives this process. */
  async #store(received: ReceivedBody): Promise<boolean> {
    try {
      this.callbacks.count(await within(STORED_WITHIN_MS, this.receiver.receive(received)));
      return true;
    } catch (error) {
      this.log.warn(
        { err: error, paymentId: received.paymentId },
        'a callback could not be stored in Postgres',
      );
      return this.#buffer(received);
    }
  }

  async #buffer(received: ReceivedBody): Promise<boolean> {
    try {
      await this.buffer.add(received);
      this.callbacks.count('kept');
      return true;
    } catch (error) {
      this.callbacks.count('refused');
      this.log.error(
        { err: error, paymentId: received.paymentId },
        'a callback could neither be stored nor buffered',
      );
      return false;
    }
  }
}
