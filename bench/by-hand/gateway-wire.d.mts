import type { PaymentRequest } from '../load/payment-request.mjs';

export interface GatewayTerminal {
  readonly number: number;
  readonly publicKey: string;
  readonly privateKey: string;
}

export declare function gatewayWire(terminal: GatewayTerminal): {
  createBody(request: Omit<PaymentRequest, 'terminal'>, webhookUrl: string): string;
  readCallback(body: { readonly data: string }): Record<string, unknown>;
};

export declare const CREATE_PATH: string;
export declare const CREATE_HEADERS: Readonly<Record<string, string>>;
