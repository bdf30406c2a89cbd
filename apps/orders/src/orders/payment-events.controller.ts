// Handles payment events in the order domain. Each handler states what a type of event means for
// the goods. The writes of all events that arrive together become one statement.
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { EventDelivery, PaymentEvent } from '@quittance/events';
import { EVENTS_BY_FULFILMENT } from './fulfilment.js';
import { recordOrders } from './orders.js';

@Controller()
export class PaymentEventsController {
  @EventPattern(EVENTS_BY_FULFILMENT.waiting)
  reserveGoods(@Payload() event: PaymentEvent, @Ctx() delivery: EventDelivery): void {
    delivery.beforeCommit(recordOrders, { event, fulfilment: 'waiting' });
  }

  @EventPattern(EVENTS_BY_FULFILMENT.paid)
  shipGoods(@Payload() event: PaymentEvent, @Ctx() delivery: EventDelivery): void {
    delivery.beforeCommit(recordOrders, { event, fulfilment: 'paid' });
  }

  @EventPattern(EVENTS_BY_FULFILMENT.released)
  releaseGoods(@Payload() event: PaymentEvent, @Ctx() delivery: EventDelivery): void {
    delivery.beforeCommit(recordOrders, { event, fulfilment: 'released' });
  }

  @EventPattern(EVENTS_BY_FULFILMENT.recalled)
  recallGoods(@Payload() event: PaymentEvent, @Ctx() delivery: EventDelivery): void {
    delivery.beforeCommit(recordOrders, { event, fulfilment: 'recalled' });
  }
}
