// The demo's payments as data: what is sent, what happens to it, and how it must end. The
// end-to-end test plays the same.
//
// `acts` are played in order once the payment is accepted: payer    the payer opens
// `next_action.url`, enters the OTP and approves or declines settle   the acquirer sends the
// gateway an order_status (protocol §7), and the gateway sends its callback reaches  nothing is
// done until the payment has this status repeat   the merchant sends the very same request again
// refund   the merchant requests a refund of this amount, or of all where it is null, and the
// gateway's back office completes it

/** One act of a scenario, after the payment is accepted. Exactly one member is present. */
export interface Act {
  readonly payer?: 'approved' | 'declined';
  readonly settle?: string;
  readonly reaches?: string;
  readonly repeat?: true;
  readonly refund?: string | null;
}

/** A demo payment: what is sent, what happens to it, and how it must end. */
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

const card = (number: string) => ({ number, cvv: '123', exp_month: '01', exp_year: '30' });

// Test cards of protocol §10, and cards the sandbox's acquirer decides on.
const APPROVED_AT_ONCE = card('4012000033330026');
const MASTERCARD_APPROVED_AT_ONCE = card('5123450000000008');
const DECLINED_AT_ONCE = card('4043409999991437');
const ASKS_3DS = card('4111111111111111');
const MASTERCARD_ASKS_3DS = card('5111111111111111');
const ACQUIRER_APPROVES = card('4242424242424242');
const ACQUIRER_DECLINES = card('4000000000000002');
// A right check digit, so our own intake takes it; the gateway wants 13 digits at least.
const TOO_SHORT_FOR_GATEWAY = card('500000000009');

const byCard = (used: ReturnType<typeof card>) => ({ method: 'CC', card: used });
const byWallet = { method: 'WALLET' };

/** The address the sandbox's risk check blocks. */
const BLOCKED_CUSTOMER = { name: 'Dev Tech', email: 'blocked@example.com' };

/**
 * `ends` is the payment's last status, `code` the gateway's order_status with it, `charged` whether
 * the gateway's own ledger says that the payer paid. Each reaches the gateway with exactly one
 * create request. `alone` scenarios disturb the gateway and are played after all others.
 */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'approved-at-once',
    title: 'approved at once',
    terminal: 'main',
    payment: byCard(APPROVED_AT_ONCE),
    ends: 'succeeded',
    code: '25',
    charged: true,
  },
  {
    name: 'approved-plain',
    title: 'approved at once',
    terminal: 'plain',
    payment: byCard(MASTERCARD_APPROVED_AT_ONCE),
    ends: 'succeeded',
    code: '25',
    charged: true,
  },
  {
    name: 'approved-by-acquirer',
    title: 'approved by the acquirer',
    terminal: 'enc-plain-cb',
    payment: byCard(ACQUIRER_APPROVES),
    ends: 'succeeded',
    code: '1',
    charged: true,
  },
  {
    name: 'declined-at-once',
    title: 'declined at once',
    terminal: 'main',
    payment: byCard(DECLINED_AT_ONCE),
    ends: 'declined',
    code: '26',
    charged: false,
  },
  {
    name: 'declined-by-acquirer',
    title: 'declined by the acquirer',
    terminal: 'plain-enc-cb',
    payment: byCard(ACQUIRER_DECLINES),
    ends: 'declined',
    code: '2',
    charged: false,
  },
  {
    name: '3ds-approved',
    title: '3DS, payer approves',
    terminal: 'main',
    payment: byCard(ASKS_3DS),
    acts: [{ payer: 'approved' }],
    ends: 'succeeded',
    code: '25',
    charged: true,
  },
  {
    name: '3ds-approved-plain',
    title: '3DS, payer approves',
    terminal: 'plain',
    payment: byCard(MASTERCARD_ASKS_3DS),
    acts: [{ payer: 'approved' }],
    ends: 'succeeded',
    code: '25',
    charged: true,
  },
  {
    name: '3ds-declined',
    title: '3DS, payer declines',
    terminal: 'enc-plain-cb',
    payment: byCard(ASKS_3DS),
    acts: [{ payer: 'declined' }],
    ends: 'declined',
    code: '26',
    charged: false,
  },
  {
    name: '3ds-declined-plain',
    title: '3DS, payer declines',
    terminal: 'plain-enc-cb',
    payment: byCard(ASKS_3DS),
    acts: [{ payer: 'declined' }],
    ends: 'declined',
    code: '26',
    charged: false,
  },
  {
    name: 'wallet',
    title: 'wallet, finished by callback',
    terminal: 'main',
    payment: byWallet,
    acts: [{ reaches: 'requires_action' }, { settle: '1' }],
    ends: 'succeeded',
    code: '1',
    charged: true,
  },
  {
    name: 'wallet-plain',
    title: 'wallet, finished by callback',
    terminal: 'plain',
    payment: byWallet,
    acts: [{ reaches: 'requires_action' }, { settle: '1' }],
    ends: 'succeeded',
    code: '1',
    charged: true,
  },
  {
    name: 'card-refused',
    title: 'card refused by the gateway (1113)',
    terminal: 'main',
    payment: byCard(TOO_SHORT_FOR_GATEWAY),
    ends: 'failed',
    charged: false,
  },
  {
    name: 'blocked',
    title: 'blocked by the gateway (403)',
    terminal: 'plain',
    payment: { ...byCard(ACQUIRER_APPROVES), customer: BLOCKED_CUSTOMER },
    ends: 'blocked',
    charged: false,
  },
  {
    name: 'sent-twice',
    title: 'same reference sent twice',
    terminal: 'main',
    payment: byCard(APPROVED_AT_ONCE),
    acts: [{ repeat: true }],
    ends: 'succeeded',
    code: '25',
    charged: true,
  },
  {
    name: 'expired-then-approved',
    title: 'expired, approved later',
    terminal: 'main',
    payment: byWallet,
    acts: [
      { reaches: 'requires_action' },
      { settle: '22' },
      { reaches: 'expired' },
      { settle: '1' },
    ],
    ends: 'succeeded',
    code: '1',
    charged: true,
  },
  {
    name: 'refunded',
    title: 'approved, then refunded in full',
    terminal: 'main',
    payment: byCard(ACQUIRER_APPROVES),
    acts: [{ reaches: 'succeeded' }, { refund: null }],
    ends: 'refunded',
    code: '7',
    charged: true,
  },
  {
    name: 'gateway-down',
    title: 'gateway down for a second',
    terminal: 'main',
    payment: byCard(APPROVED_AT_ONCE),
    alone: true,
    fault: { fault: 'refuse_connection', for_ms: 1000 },
    ends: 'succeeded',
    code: '25',
    charged: true,
  },
];

/** The request that is sent for a scenario (api.md "Payment intents"). */
export function paymentRequest(
  scenario: Scenario,
  { reference, returnUrl }: { readonly reference: string; readonly returnUrl: string },
): Record<string, unknown> {
  return {
    reference,
    terminal: scenario.terminal,
    amount: '11.11',
    currency: 'EUR',
    product_name: 'Two tickets',
    return_url: returnUrl,
    customer: { name: 'Dev Tech', email: 'dev@example.com', ip: '203.0.113.7' },
    ...scenario.payment,
  };
}
