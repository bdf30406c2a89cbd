// The actions on a doubt: ask again now, and resolve with evidence.
import type { ReactNode } from 'react';
import { Action, Why, whyIn } from './parts.js';

const OUTCOMES = {
  payment: ['succeeded', 'declined', 'blocked', 'failed', 'expired'],
  refund: ['accepted', 'failed'],
} as const;

export function AskAgain({ id }: { id: string }): ReactNode {
  return (
    <Action
      name="Ask again now"
      title="Ask the gateway about this payment now"
      path={`/payments/${id}/inquire`}
      body={whyIn}
    >
      <p>The inquiry that would come later comes now. Nothing is sent twice.</p>
      <Why />
    </Action>
  );
}

export function Resolve({ kind, id }: { kind: 'payment' | 'refund'; id: string }): ReactNode {
  return (
    <Action
      name="Resolve"
      title={`Resolve this ${kind} with evidence`}
      path={`/${kind}s/${id}/resolve`}
      body={(form) => ({ as: form.get('as'), evidence: form.get('evidence') })}
    >
      <p>
        Look it up at the gateway first. A later report from the gateway still overrides your word.
      </p>
      <label>
        Outcome at the gateway
        <select name="as" required defaultValue="">
          <option value="" disabled>
            Choose
          </option>
          {OUTCOMES[kind].map((outcome) => (
            <option key={outcome}>{outcome}</option>
          ))}
        </select>
      </label>
      <label>
        Evidence: what you saw and where (stored for ever, no card data)
        <textarea name="evidence" rows={3} maxLength={1_000} required />
      </label>
    </Action>
  );
}
