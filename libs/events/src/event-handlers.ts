// Which of the subscriber's handlers an event goes to, and waiting until they are done. Nest would start an event
// handler and forget it; here its failure must reach the delivery.
import type { MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { PaymentEvent } from './contract.js';
import type { EventDelivery } from './event-delivery.js';

/** The handlers by pattern: an event's type, or a text in which `*` stands for anything, as in `payment.*`. */
export class EventHandlers {
  readonly #patterns: readonly { readonly matches: RegExp; readonly handler: MessageHandler }[];
  readonly #byType = new Map<string, readonly MessageHandler[]>();

  constructor(handlers: ReadonlyMap<string, MessageHandler>) {
    this.#patterns = [...handlers].map(([pattern, handler]) => ({
      matches: patternToRegExp(pattern),
      handler,
    }));
  }

  /** Runs every handler whose pattern fits, one after the other; rejects with the first failure. */
  async handle(event: PaymentEvent, delivery: EventDelivery): Promise<void> {
    for (const handler of this.#for(event.type)) {
      const result: unknown = await handler(event, delivery);
      if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
    }
  }

  #for(type: string): readonly MessageHandler[] {
    const known = this.#byType.get(type);
    if (known) return known;
    const handlers = this.#patterns.flatMap(({ matches, handler }) =>
      matches.test(type) ? [handler] : [],
    );
    this.#byType.set(type, handlers);
    return handlers;
  }
}

function patternToRegExp(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
