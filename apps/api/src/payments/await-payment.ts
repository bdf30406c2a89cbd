// Holding an answer until a payment has got somewhere. Many waits share one look, because Payments.load batches.
import { Injectable } from '@nestjs/common';
import type { Payment } from '@quittance/payments';
import { Payments } from '@quittance/persistence';
import { ChangeSignal } from '@quittance/queues';
import { HeldAnswers } from './held-answers.js';
import { HoldingPlaces } from './holding-places.js';

@Injectable()
export class AwaitPayment extends HeldAnswers<Payment> {
  constructor(payments: Payments, changes: ChangeSignal, places: HoldingPlaces) {
    super(async (id) => (await payments.load(id))?.payment, changes, places);
  }
}
