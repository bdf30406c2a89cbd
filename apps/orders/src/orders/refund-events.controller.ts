// Handles refund events in the order domain. The payment's own events decide about the goods; these
// show the refund beside the order, also while it is open, in doubt or failed.
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { EventDelivery, RefundEvent } from '@quittance/events';
import { recordRefunds } from './refunds.js';

@Controller()
export class RefundEventsController {
  @EventPattern(['refund.*'])
  recordRefund(@Payload() event: RefundEvent, @Ctx() delivery: EventDelivery): void {
    delivery.beforeCommit(recordRefunds, event);
  }
}
