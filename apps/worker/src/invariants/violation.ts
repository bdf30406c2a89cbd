// A broken promise: what kind, and what it was found at.

export interface Violation {
  /** A label of the metric. */
  readonly kind: string;
  /** Id of the payment, or of the job: what a person looks up next. */
  readonly subject: string;
}
