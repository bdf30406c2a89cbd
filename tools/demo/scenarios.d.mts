/** What happens to a payment once it is accepted; exactly one member is there. */
export interface Act {
  readonly payer?: 'approved' | 'declined';
  readonly settle?: string;
  readonly reaches?: string;
  readonly repeat?: true;
  readonly refund?: string | null;
}

/** A demo payment: what is sent, what happens to it, and how it must end. See scenarios.mjs. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly terminal: string;
  readonly payment: Readonly<Record<string, unknown>>;
  readonly acts?: readonly Act[];
  readonly alone?: true;
  readonly fault?: Readonly<Record<string, unknown>>;
  readonly ends: string;
  readonly code?: string;
  readonly charged: boolean;
}

export declare const SCENARIOS: readonly Scenario[];
export declare function paymentRequest(
  scenario: Scenario,
  options: { readonly reference: string; readonly returnUrl: string },
): Record<string, unknown>;
