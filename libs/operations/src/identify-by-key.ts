// Proves the operator at a command line: by their key, or by their login while no operator is
// registered.
import { countOperators, operatorWithKey } from '@quittance/persistence';
import type { Secret } from '@quittance/platform';
import { userInfo } from 'node:os';
import type { Identify } from './act.js';
import { OperatorError } from './operator-error.js';
import { digestOfOperatorKey, isOperatorKeyForm } from './operator-key.js';

/** Returns the proof by `QUITTANCE_OPERATOR_KEY`. */
export function identifyByKey(key: Secret<string> | undefined): Identify {
  return async (tx, by) => {
    const { active } = await countOperators(tx);
    if (active === 0) {
      if (key === undefined)
        return { who: by ?? userInfo().username, isRegistered: false, rights: 'act' };
      throw new OperatorError(
        'QUITTANCE_OPERATOR_KEY is set, but this database has no operators; is DATABASE_URL right?',
      );
    }
    if (by !== undefined) {
      throw new OperatorError(
        '--by is rejected once operators are registered: QUITTANCE_OPERATOR_KEY gives the name.',
      );
    }
    if (key === undefined) {
      throw new OperatorError(
        'Operators are registered here: set QUITTANCE_OPERATOR_KEY to your key to make changes.',
      );
    }
    const text = key.reveal();
    const found = isOperatorKeyForm(text)
      ? await operatorWithKey(tx, digestOfOperatorKey(text))
      : undefined;
    if (found) return { who: found.name, isRegistered: true, rights: found.rights };
    throw new OperatorError('QUITTANCE_OPERATOR_KEY is unknown or revoked.');
  };
}
