// The gateway's way in. Its answer says one of two things: it arrived safely, or it could not be kept. Who sends a wrong token,
// a wrong key or nonsense is told exactly what everybody is told.
import { type Clock, type Logger, Unavailable } from '@quittance/platform';
import { type KeySet, verifyCallbackToken } from '@quittance/vault';
import { Controller, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Counter } from 'prom-client';
import type { KeptCallbacks } from '../outage/kept-callbacks.js';
import type { ReceivedBody } from './received-body.js';
import type { ReceiveCallback } from './receive-callback.js';

export const RECEPTION = Symbol('reception');

/** What the controller works with. */
export interface ReceptionParts {
  readonly receiver: ReceiveCallback;
  readonly kept: KeptCallbacks;
  readonly keys: KeySet;
  readonly clock: Clock;
  readonly log: Logger;
  /** `verdict`: a {@link Reception}, `bad_token`, `kept`, `refused` or `set_aside`. */
  readonly callbacks: Counter<'verdict'>;
}

const ANSWER = { received: true } as const;
const ADDRESS = /^(pi_[0-9a-z]{26})\.([A-Za-z0-9_-]{1,100})$/;

@Controller('callbacks')
export class CallbackController {
  constructor(@Inject(RECEPTION) private readonly parts: ReceptionParts) {}

  @Post(':address')
  @HttpCode(200)
  async receive(
    @Param('address') address: string,
    @Req() request: FastifyRequest,
  ): Promise<typeof ANSWER> {
    const { callbacks, clock } = this.parts;
    const paymentId = this.#paymentAt(address);
    if (paymentId === undefined) {
      callbacks.inc({ verdict: 'bad_token' });
      return ANSWER;
    }
    const body = typeof request.body === 'string' ? request.body : '';
    await this.#take({
      paymentId,
      contentType: request.headers['content-type'],
      body,
      receivedAt: clock.now(),
    });
    return ANSWER;
  }

  #paymentAt(address: string): string | undefined {
    const [, paymentId = '', token = ''] = ADDRESS.exec(address) ?? [];
    return verifyCallbackToken(paymentId, token, this.parts.keys) ? paymentId : undefined;
  }

  async #take(received: ReceivedBody): Promise<void> {
    const { receiver, callbacks, log } = this.parts;
    try {
      callbacks.inc({ verdict: await receiver.receive(received) });
    } catch (error) {
      log.warn(
        { err: error, paymentId: received.paymentId },
        'a callback could not be stored in Postgres',
      );
      await this.#keep(received);
    }
  }

  async #keep(received: ReceivedBody): Promise<void> {
    const { kept, callbacks, log } = this.parts;
    try {
      await kept.keep(received);
      callbacks.inc({ verdict: 'kept' });
    } catch (error) {
      callbacks.inc({ verdict: 'refused' });
      log.error(
        { err: error, paymentId: received.paymentId },
        'a callback could not be kept anywhere',
      );
      throw new Unavailable('unavailable', 'The callback could not be stored. Send it again.', {
        retryAfterSeconds: 5,
      });
    }
  }
}
