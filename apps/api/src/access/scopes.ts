// What an API key may be allowed to do.

/** Every scope, as it is written on the command line and in the database. */
export const scopes = [
  'payments:read',
  'payments:write',
  'refunds:write',
  'ops:read',
  'ops:write',
] as const;
export type Scope = (typeof scopes)[number];

/** Whether `text` is a scope. */
export function isScope(text: string): text is Scope {
  return (scopes as readonly string[]).includes(text);
}
