/** The members of a payment intent (api.md) that the demo looks at. */
export interface PaymentView {
  readonly id: string;
  readonly reference: string;
  readonly status: string;
  readonly version: number;
  readonly refunded_amount: string;
  readonly next_action: { readonly url: string } | null;
  readonly gateway: {
    readonly trans_id: string | null;
    readonly order_status: string | null;
  } | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/** The members of a refund that the demo looks at. */
export interface RefundView {
  readonly id: string;
  readonly status: string;
  readonly doubt_reason: string | null;
}

/** What the order domain tells of an order (api.md "Events"). */
export interface OrderView {
  readonly reference: string;
  readonly payment_intent_id: string;
  readonly payment_status: string;
  readonly sequence: number;
  readonly events: readonly {
    readonly id: string;
    readonly type: string;
    readonly sequence: number;
  }[];
}

/** The sandbox's own book of a reference: its transactions, and every create request it received. */
export interface LedgerView {
  readonly data: readonly {
    readonly transID: string;
    readonly charged: boolean;
    readonly order_status: string;
    readonly refund_requests: number;
    readonly refund_amt: string | null;
  }[];
  readonly received: readonly unknown[];
}

export declare class PaymentsApi {
  constructor(url: string, apiKey: string);
  create(request: Readonly<Record<string, unknown>>): Promise<{
    readonly httpStatus: number;
    readonly replayed: boolean;
    readonly payment: PaymentView;
  }>;
  refund(
    id: string,
    request: { readonly reference: string; readonly amount: string | null },
  ): Promise<RefundView>;
  get(id: string, newerThan?: number): Promise<PaymentView>;
  until(
    id: string,
    isReached: (payment: PaymentView) => boolean,
    what: string,
  ): Promise<PaymentView>;
}

export declare class Orders {
  constructor(url: string);
  until(reference: string, sequence: number): Promise<OrderView>;
}

export declare class Sandbox {
  constructor(url: string);
  readonly returnUrl: string;
  settle(transID: string, orderStatus: string): Promise<unknown>;
  completeRefund(transID: string): Promise<unknown>;
  fault(fault: Readonly<Record<string, unknown>>): Promise<unknown>;
  ledger(reference: string): Promise<LedgerView>;
}
