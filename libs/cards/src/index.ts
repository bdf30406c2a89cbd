// What a card is: how it is written, what makes it wrong, and what may be known of it.
export {
  cardBrand,
  type CardBrand,
  type CardFault,
  cardFaults,
  type CardJudgement,
  type CardNumber,
  cardOf,
  cardSchema,
  passesLuhn,
  readCallerCard,
  type ReadCard,
} from './card.js';
export {
  hasEnoughDigits,
  holdsSecurityCode,
  isSecurityCode,
  looksLikeCard,
  mayHide,
  mentionsSecurityCode,
  readings,
} from './card-detection.js';
