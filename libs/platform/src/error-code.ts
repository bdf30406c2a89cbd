// The code that Node, its drivers and its sockets put on errors. Told apart by shape rather than by
// class, because an error may come from another realm (a worker's, a test runner's) whose `Error`
// is not ours.

/** The `code` of an error (`ECONNREFUSED`, `23505`), or `undefined` where there is none. */
export function errorCodeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
