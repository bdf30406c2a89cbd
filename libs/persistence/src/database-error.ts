// Tells a statement that Postgres refused from a connection that was lost.

/**
 * True when Postgres itself refused this statement (SQLSTATE classes 22 data, 23 constraint, 40 rollback): nothing was
 * written, and each input may be tried alone. A lost connection is not that: the statement may have committed.
 */
export function isRefusedStatement(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^(22|23|40)[0-9A-Z]{3}$/.test(code);
}
