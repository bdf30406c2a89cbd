// What an API key may be allowed to do.

/** What a merchant's key may be given. */
export const merchantScopes = ['payments:read', 'payments:write', 'refunds:write'] as const;
export type MerchantScope = (typeof merchantScopes)[number];

/**
 * What is about all merchants at once: for keys of the operator, which belong to no merchant. The
 * database refuses any other.
 */
export const opsScopes = ['ops:read', 'ops:write'] as const;
export type OpsScope = (typeof opsScopes)[number];

/** Every scope, as it is written on the command line and in the database. */
export const scopes = [...merchantScopes, ...opsScopes] as const;
export type Scope = MerchantScope | OpsScope;

/** Whether `text` is a scope. */
export function isScope(text: string): text is Scope {
  return (scopes as readonly string[]).includes(text);
}

/** Whether a scope belongs to the operator. */
export function isOpsScope(scope: Scope): scope is OpsScope {
  return (opsScopes as readonly string[]).includes(scope);
}
