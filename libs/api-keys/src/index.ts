// API keys, scopes and signing keys: the operator's CLI issues them and the API verifies them.
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
