// The scopes of API keys: the permissions of a key.

/** The scopes of a merchant's key. */
export const merchantScopes = ['payments:read', 'payments:write', 'refunds:write'] as const;
export type MerchantScope = (typeof merchantScopes)[number];

/**
 * The scopes that concern all merchants. Only the operator's keys have them, and those belong to no
 * merchant; the database rejects any other key with these scopes.
 */
export const opsScopes = ['ops:read', 'ops:write'] as const;
export type OpsScope = (typeof opsScopes)[number];

/** Every scope, as the command line and the database spell it. */
export const scopes = [...merchantScopes, ...opsScopes] as const;
export type Scope = MerchantScope | OpsScope;

/** True when `text` is a scope. */
export function isScope(text: string): text is Scope {
  return (scopes as readonly string[]).includes(text);
}

/** True for a scope of the operator's keys. */
export function isOpsScope(scope: Scope): scope is OpsScope {
  return (opsScopes as readonly string[]).includes(scope);
}
