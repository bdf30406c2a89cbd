// An expected problem (a busy port, a missing program) is a message for a person; a stack trace
// would only hide it.

/** Something the person at the terminal can act on. Printed as its message alone. */
export class Problem extends Error {
  /** @override */
  name = 'Problem';
}
