// API keys as texts, scopes and signing keys: what the api checks and the operator's CLI issues.
export { digestOfKey, isApiKeyForm, newApiKey } from './api-key.js';
export {
  isOpsScope,
  isScope,
  merchantScopes,
  type MerchantScope,
  opsScopes,
  type OpsScope,
  type Scope,
  scopes,
} from './scopes.js';
export { parseSigningKey, signingKeyOf } from './signing-key.js';
