// Answers an action that an operator may not take now with 409 `action_refused` and the reason,
// which the operator can fix.
import { Catch, Injectable } from '@nestjs/common';
import { OperatorError } from '@quittance/operations';
import { Conflict, Logger } from '@quittance/platform';
import { DatabaseUnavailableFilter } from '../../requests/database-unavailable.filter.js';

@Injectable()
@Catch()
export class OperatorErrorFilter extends DatabaseUnavailableFilter {
  // oxlint-disable-next-line no-useless-constructor -- Nest reads the types of own parameters alone
  constructor(log: Logger) {
    super(log);
  }

  protected override translate(thrown: unknown): unknown {
    if (thrown instanceof OperatorError) return new Conflict('action_refused', thrown.message);
    return super.translate(thrown);
  }
}
