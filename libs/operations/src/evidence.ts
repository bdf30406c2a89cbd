// Checks the reasons and names that an operator gives: one short line without a card number,
// because it is stored permanently and displayed.
import { looksLikeCard } from '@quittance/cards';
import { OperatorError } from './operator-error.js';

const LENGTH_MAX = 1_000;
const NAME_LENGTH_MAX = 100;

/**
 * Returns the text of `--evidence`, `--why` or `--reason` as it is stored; `what` names the option.
 * Throws {@link OperatorError}.
 */
export function checkEvidence(text: string, what = '--evidence'): string {
  const evidence = checked(text, { what, lengthMax: LENGTH_MAX });
  if (looksLikeCard(evidence)) {
    throw new OperatorError(
      `${what} seems to contain a card number, which may not be stored. Remove it; for a transID give only the last digits.`,
    );
  }
  return evidence;
}

/**
 * Returns an operator's name as it is stored; `what` names the option. Throws {@link
 * OperatorError}.
 */
export function checkName(text: string, what = '--by'): string {
  const name = checked(text, { what, lengthMax: NAME_LENGTH_MAX });
  if (looksLikeCard(name)) throw new OperatorError(`${what} must be a name.`);
  return name;
}

function checked(text: string, { what, lengthMax }: { what: string; lengthMax: number }): string {
  const trimmed = text.trim();
  const length = Array.from(trimmed).length;
  if (length < 1 || length > lengthMax || /\p{Cc}/u.test(trimmed)) {
    throw new OperatorError(`${what} must be one line of 1 to ${lengthMax} characters.`);
  }
  return trimmed;
}
