// Applies block lists and rules, which reject a payer with HTTP 403 although the gateway saves a
// row (protocol §1.3 step 7, §3.3).
import type { Behaviour } from '../generation/generation.js';
import type { Parameters } from '@quittance/gateway-protocol';
import { cleanCardNumber } from './card.js';

export const blockedFields = ['bill_email', 'bill_ip', 'ccno', 'bill_country'] as const;
export type BlockedField = (typeof blockedFields)[number];

/**
 * The kinds of rules. `list` is a block list; the other two exist only in the newer server and act
 * as `list` elsewhere.
 */
export const blockKinds = ['list', 'orchestration', 'regulatory'] as const;
export type BlockKind = (typeof blockKinds)[number];

export interface BlockRule {
  readonly field: BlockedField;
  readonly value: string;
  readonly kind: BlockKind;
}

export interface Block {
  readonly orderStatus: 10 | 28;
  readonly message: string;
  /**
   * Internal rule data, echoed as the gateway does: list id, separator for global, field,
   * condition.
   */
  readonly blacklistMessage: string;
}

const builtIn: BlockRule = { field: 'bill_email', value: 'blocked@example.com', kind: 'list' };

const messages: Readonly<Record<BlockKind, string>> = {
  list: 'Transaction is Blocked',
  orchestration: 'Transaction is Blocked - Orchestration Rule Violation',
  regulatory: 'Transaction is Blocked - Regulatory Violation',
};

export class Blocklist {
  #rules: BlockRule[] = [builtIn];

  add(rule: BlockRule): void {
    this.#rules.push(rule);
  }

  all(): readonly BlockRule[] {
    return this.#rules;
  }

  /** Resets to the one built-in rule. */
  clear(): void {
    this.#rules = [builtIn];
  }

  /**
   * Returns the block of the first matching rule. The comparison ignores case, and spaces in card
   * numbers.
   */
  blockFor(parameters: Parameters, behaviour: Behaviour): Block | undefined {
    const index = this.#rules.findIndex((rule) => fits(rule, parameters));
    const rule = this.#rules[index];
    if (!rule) return undefined;
    const kind = behaviour.hasRules ? rule.kind : 'list';
    return {
      orderStatus: kind === 'regulatory' ? 28 : 10,
      message: messages[kind],
      blacklistMessage: `${index + 1}_${rule.field} equals ${rule.value}`,
    };
  }
}

function fits(rule: BlockRule, parameters: Parameters): boolean {
  const sent = parameters.get(rule.field);
  if (sent === undefined) return false;
  if (rule.field === 'ccno') return cleanCardNumber(sent) === cleanCardNumber(rule.value);
  return sent.toLowerCase() === rule.value.toLowerCase();
}
