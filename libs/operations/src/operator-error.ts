// What the operator can mend: printed as it is, without a stack.
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
}
