// Holding an answer until a payment has got somewhere. Many waits share one look, because Payments.load batches.
import type { Payment } from '@quittance/payments';
import type { Payments } from '@quittance/persistence';
import type { ChangeSignal } from '@quittance/queues';
import { HeldAnswers } from './held-answers.js';
import type { HoldingPlaces } from './holding-places.js';

export class AwaitPayment extends HeldAnswers<Payment> {
  constructor(payments: Payments, changes: ChangeSignal, places: HoldingPlaces) {
    super({ look: async (id) => (await payments.load(id))?.payment, changes, places });
  }
}
