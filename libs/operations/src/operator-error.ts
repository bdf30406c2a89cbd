// An error that the operator can fix. The CLI prints its message without a stack trace.
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
}
