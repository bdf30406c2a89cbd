// Before the fence and after it, as types. A request is built from an Unsent payment only; taking the fence turns that into a
// Fenced one, in the commit that erases the stored card, and nothing turns it back: who wants to send again has to say which card
// with. test/tools/type-rules.int-spec.ts shows that it does not compile otherwise.
import type { Payment } from '@quittance/payments';

/** A payment that nobody has sent, with its sealed card; null for a method that takes none. */
export interface Unsent {
  readonly payment: Payment;
  readonly sealedCard: string | null;
}

/** A payment that this process alone may send, once. Its card is erased. */
export interface Fenced {
  readonly payment: Payment;
  readonly sealedCard?: never;
}
