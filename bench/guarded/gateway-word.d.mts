/** The columns of `payments` that the gateway's words are compared with. */
export interface KnownPayment {
  readonly status: string;
  readonly reference: string;
  readonly amount: string;
  readonly currency: string;
  readonly trans_id: string | null;
}

type Changes = Readonly<Record<string, unknown>> & { readonly status: string };
type Told = Readonly<Record<string, unknown>>;

export declare function onReply(
  payment: KnownPayment,
  reply: { readonly statusCode: number; readonly told: unknown },
): Changes;
export declare function onFailure(error: { readonly code?: string }, sealedCard: string): Changes;
export declare function isBelieved(payment: KnownPayment, told: Told): boolean;
export declare function onCallback(payment: KnownPayment, told: Told): Changes | undefined;
export declare function keptFields(told: Told): Record<string, unknown>;
