// What a card is: how it is written, what makes it wrong, and what may be known of it.
export { cardBrand, type CardBrand } from './card-brand.js';
export { cardFaults, type CardFault, type CardJudgement } from './card-faults.js';
export { type CardNumber, cardSchema, type ReadCard } from './card.schema.js';
export { cardOf, readCallerCard } from './read-card.js';
export { hasEnoughDigits, looksLikeCard } from './looks-like-card.js';
export { passesLuhn } from './luhn.js';
export { mayHide, readings } from './readings.js';
export { holdsSecurityCode, isSecurityCode, mentionsSecurityCode } from './security-code.js';
