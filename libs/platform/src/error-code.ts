// Reads the code that Node, its drivers and its sockets set on errors. It tests the shape instead
// of the class, because an error may come from another realm (a worker's, a test runner's) with its
// own `Error`.

/** Returns the `code` of an error (`ECONNREFUSED`, `23505`), or `undefined` if it has none. */
export function errorCodeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
