// Delivery end to end: a real publisher, Redis, Postgres and Nest's own handler registration.
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { EventDelivery } from './event-delivery.js';
import type { PaymentEvent } from './contract.js';
import { eventually } from '../../../test/support/eventually.js';
import { aMove, type EventsRig, startEventsRig } from '../test/events-rig.js';

/** What the handlers of the tests did, and what they are told to do. */
const seen: { id: string; type: string; attempt: number }[] = [];

@Controller()
class Handlers {
  @EventPattern(['payment.succeeded.v1'])
  async onSuccess(@Payload() event: PaymentEvent, @Ctx() delivery: EventDelivery): Promise<void> {
    seen.push({ id: event.id, type: event.type, attempt: delivery.attempt });
    await delivery.transaction.query('INSERT INTO effects (event_id) VALUES ($1)', [event.id]);
  }
}

describe('the event transport', () => {
  let rig: EventsRig;
  beforeAll(async () => {
    rig = await startEventsRig(Handlers);
  });
  afterAll(() => rig.stop());

  it('delivers', async () => {
    const move = aMove({ status: 'succeeded' });
    await rig.publisher.publish([move]);
    await eventually(async () => expect(await rig.effects()).toHaveLength(1));
    expect(seen).toHaveLength(1);
  });
});
