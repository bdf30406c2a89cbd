/** A create request of api.md with every customer field given. */
export interface PaymentRequest {
  readonly reference: string;
  readonly terminal: string;
  readonly amount: string;
  readonly currency: string;
  readonly product_name: string;
  readonly method: 'CC';
  readonly card: {
    readonly number: string;
    readonly cvv: string;
    readonly exp_month: string;
    readonly exp_year: string;
  };
  readonly customer: {
    readonly name: string;
    readonly email: string;
    readonly phone: string;
    readonly ip: string;
    readonly address: {
      readonly line1: string;
      readonly city: string;
      readonly state: string;
      readonly postal_code: string;
      readonly country: string;
    };
  };
  readonly return_url: string;
}

export declare const SETTLED_LATER: readonly {
  readonly prefix: string;
  readonly afterMs: number;
}[];
export declare const APPROVED_AT_ONCE: string;
export declare function laterReference(tag: string, index: number): string;
export declare function paymentRequest(reference: string): PaymentRequest;
export declare function scriptAcquirer(sandboxUrl: string): Promise<void>;
