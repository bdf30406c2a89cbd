// The vault: encryption and decryption of cards, secrets and callbacks, and the key sets. It knows
// nothing about storage.
export { callbackToken, verifyCallbackToken } from './callback-token.js';
export { type CallbackContext, openCallback, sealCallback } from './callback.js';
export { CardSecret } from './card-secret.js';
export { type Card, type CardContext, openCard, sealCard } from './card.js';
export { CARD_JWE_CHARS_MAX, cardJweFault, type CardJweFault, sealCardJwe } from './card-jwe.js';
export { type OpenedCard, openStoredCard, type ReadCallerCard, resealCard } from './stored-card.js';
export { sealedKids } from './sealed-header.js';
export type { OpenJwe } from './open-jwe.js';
export { SealingSession } from './sealing-session.js';
export {
  forMakers,
  generateKeySets,
  type KeySetJson,
  type KeySets,
  newKey,
  type NewKey,
} from './new-keys.js';
export {
  holdersOf,
  KEY_DISTRIBUTION,
  KEY_SET_HOLDERS,
  type KeySetHolder,
} from './key-distribution.js';
export {
  type Jwk,
  type KeyNames,
  keyNames,
  type KeyPurpose,
  KeySet,
  KeySetError,
  liveKeySet,
  parseKeySet,
  parseNextKeySet,
  publicJwks,
} from './key-set.js';
export { type ReturnedPayment, returnToken } from './return-token.js';
export {
  openSecret,
  resealSecret,
  sealSecret,
  type SecretUse,
  type TerminalSecretContext,
} from './terminal-secret.js';
export { VaultError } from './vault-error.js';
