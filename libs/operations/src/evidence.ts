// What a person writes down about why: short, in one line, and without a card number, because it is
// kept for ever and shown.
import { looksLikeCard } from '@quittance/cards';
import { OperatorError } from './operator-error.js';

const LENGTH_MAX = 1_000;
const NAME_LENGTH_MAX = 100;

/** The text of `--evidence`, `--why` or `--reason` as it is kept. Throws {@link OperatorError}. */
export function checkEvidence(text: string, what = '--evidence'): string {
  const evidence = checked(text, { what, lengthMax: LENGTH_MAX });
  if (looksLikeCard(evidence)) {
    throw new OperatorError(
      `${what} seems to hold a card number, which may not be kept. Leave it out; of a transID give the last digits.`,
    );
  }
  return evidence;
}

/** A person's name as it is kept; `what` names where it was given. Throws {@link OperatorError}. */
export function checkName(text: string, what = '--by'): string {
  const name = checked(text, { what, lengthMax: NAME_LENGTH_MAX });
  if (looksLikeCard(name)) throw new OperatorError(`${what} is a name.`);
  return name;
}

function checked(text: string, { what, lengthMax }: { what: string; lengthMax: number }): string {
  const trimmed = text.trim();
  const length = Array.from(trimmed).length;
  if (length < 1 || length > lengthMax || /\p{Cc}/u.test(trimmed)) {
    throw new OperatorError(`${what} is one line of 1 to ${lengthMax} characters.`);
  }
  return trimmed;
}
