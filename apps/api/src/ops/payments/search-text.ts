// Recognizes the forms of a text that an operator searches for, bare, as it is copied from a log, a
// dashboard of the gateway or a customer's message.
import { looksLikeCard } from '@quittance/cards';
import type { SearchForm } from '@quittance/persistence';
import { InvalidRequest } from '@quittance/platform';

/** A form of the text, and the text as it is stored in that form. */
export interface SearchTerm {
  readonly form: SearchForm;
  readonly text: string;
}

const ID = '[0-9a-hjkmnp-tv-z]{26}';
const PAYMENT = new RegExp(`^pi_${ID}$`);
const REFUND = new RegExp(`^re_${ID}$`);
const EVENT = new RegExp(`^evt_(${ID})_\\d{1,9}$`);
const LAST_FOUR = /^\d{4}$/;
const TRANSACTION = /^\d{5,30}$/;
/** That of the API; it contains a letter, or digits alone could be a card. */
const REFERENCE = /^(?=.*[A-Za-z])[A-Za-z0-9._-]{1,64}$/;

/**
 * Returns the form of a text. Throws `validation_failed` (422) for a text of no form, and for a
 * card number, which may not reach Postgres and its logs.
 */
export function searchTerm(given: string): SearchTerm {
  const text = given.trim();
  const [, subject] = EVENT.exec(text) ?? [];
  if (PAYMENT.test(text)) return { form: 'payment', text };
  if (REFUND.test(text)) return { form: 'refund', text };
  if (subject !== undefined) return { form: 'event', text: subject };
  if (LAST_FOUR.test(text)) return { form: 'last_four', text };
  if (looksLikeCard(text)) {
    const message = 'That looks like a card number; use its last four digits.';
    throw InvalidRequest.validationFailed([{ path: 'q', code: 'card_number', message }]);
  }
  if (TRANSACTION.test(text)) return { form: 'transaction', text };
  if (REFERENCE.test(text)) return { form: 'reference', text };
  const message = 'Must be a reference, pi_…, re_…, evt_…, a transID, or the last four of a card.';
  throw InvalidRequest.validationFailed([{ path: 'q', code: 'invalid_format', message }]);
}
