// How the order domain hears about payments. Each handler says what a kind of event means for the
// goods; the writes of all events that arrive together become one statement.
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { EventDelivery, PaymentEvent } from '@quittance/events';
import { EVENTS_BY_FULFILMENT } from './fulfilment.js';
import { recordOrders } from './orders.js';

@Controller()
export class PaymentEventsController {
  @EventPattern(EVENTS_BY_FULFILMENT.waiting)
  keepReserved(@Payload() event: PaymentEvent, @Ctx() delivery: EventDelivery): void {
    delivery.beforeCommit(recordOrders, { event, fulfilment: 'waiting' });
  }

  @EventPattern(EVENTS_BY_FULFILMENT.paid)
  sendOut(@Payload() event: PaymentEvent, @Ctx() delivery: EventDelivery): void {
    delivery.beforeCommit(recordOrders, { event, fulfilment: 'paid' });
  }

  @EventPattern(EVENTS_BY_FULFILMENT.released)
  giveUp(@Payload() event: PaymentEvent, @Ctx() delivery: EventDelivery): void {
    delivery.beforeCommit(recordOrders, { event, fulfilment: 'released' });
  }

  @EventPattern(EVENTS_BY_FULFILMENT.recalled)
  askBack(@Payload() event: PaymentEvent, @Ctx() delivery: EventDelivery): void {
    delivery.beforeCommit(recordOrders, { event, fulfilment: 'recalled' });
  }
}
