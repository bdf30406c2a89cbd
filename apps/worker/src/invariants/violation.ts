/** A violated invariant: its kind, and the record that shows it. */
export interface Violation {
  /** The value of the metric's label `kind`. */
  readonly kind: string;
  /** The id of the payment, refund or job that an operator should look up. */
  readonly subject: string;
}
