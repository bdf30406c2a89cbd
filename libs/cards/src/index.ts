// Cards: parsing, validation, brands, and the detection of card data in texts.
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
