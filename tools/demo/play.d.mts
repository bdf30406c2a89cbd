import type {
  LedgerView,
  Orders,
  OrderView,
  PaymentView,
  PaymentsApi,
  Sandbox,
} from './clients.mjs';
import type { Scenario } from './scenarios.mjs';

export interface DemoContext {
  readonly run: string;
  readonly api: PaymentsApi;
  readonly orders: Orders;
  readonly sandbox: Sandbox;
}

/** `problems` is empty exactly when the payment ended as its scenario says; then the rest is there. */
export interface DemoResult {
  readonly scenario: Scenario;
  readonly reference: string;
  readonly problems: readonly string[];
  readonly payment?: PaymentView;
  readonly order?: OrderView;
  readonly ledger?: LedgerView;
  readonly ms?: number;
}

export declare function playScenario(scenario: Scenario, context: DemoContext): Promise<DemoResult>;
export declare function playAll(
  scenarios: readonly Scenario[],
  context: DemoContext,
  onEnd?: (ended: number) => void,
): Promise<DemoResult[]>;
