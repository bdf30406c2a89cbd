// The gateway's test cards (protocol §10). They work in production too and skip Luhn, CVV, expiry
// and the acquirer, so both the simulator and a client that validates numbers have to know them.
import type { OrderStatusName } from './order-status.js';

/** A number the gateway answers by itself, without an acquirer. */
export interface TestCard {
  readonly number: string;
  readonly network: 'mastercard' | 'visa' | 'diners' | 'jcb';
  /** What the create call answers with; `test3ds` waits for the payer. */
  readonly orderStatus: Extract<
    OrderStatusName,
    'test3ds' | 'testApproved' | 'testDeclined' | 'test'
  >;
  /** Three of them fail Luhn: a client-side check would refuse them. */
  readonly luhnOk: boolean;
}

/** The table of protocol §10. */
export const testCards: readonly TestCard[] = [
  { number: '5111111111111111', network: 'mastercard', orderStatus: 'test3ds', luhnOk: false },
  { number: '5123450000000008', network: 'mastercard', orderStatus: 'testApproved', luhnOk: true },
  { number: '5555229999997722', network: 'mastercard', orderStatus: 'testDeclined', luhnOk: true },
  { number: '5555229999999975', network: 'mastercard', orderStatus: 'test', luhnOk: true },
  { number: '4111111111111111', network: 'visa', orderStatus: 'test3ds', luhnOk: true },
  { number: '4012000033330026', network: 'visa', orderStatus: 'testApproved', luhnOk: true },
  { number: '4043409999991437', network: 'visa', orderStatus: 'testDeclined', luhnOk: true },
  { number: '4029939999997636', network: 'visa', orderStatus: 'test', luhnOk: true },
  { number: '30000000000000', network: 'diners', orderStatus: 'test3ds', luhnOk: false },
  { number: '30123400000000', network: 'diners', orderStatus: 'testApproved', luhnOk: true },
  { number: '36259600000012', network: 'diners', orderStatus: 'testDeclined', luhnOk: true },
  { number: '35000000000000', network: 'jcb', orderStatus: 'test3ds', luhnOk: false },
  { number: '3528000000000007', network: 'jcb', orderStatus: 'testApproved', luhnOk: true },
  { number: '3528111100000001', network: 'jcb', orderStatus: 'testDeclined', luhnOk: true },
];

const byNumber: ReadonlyMap<string, TestCard> = new Map(
  testCards.map((card) => [card.number, card]),
);

/**
 * The test card of this number; spaces and dashes are ignored, as the gateway does (protocol §1.2).
 */
export function findTestCard(number: string): TestCard | undefined {
  return byNumber.get(number.replaceAll(/[ -]/g, ''));
}

/** Whether the gateway would answer for this number itself. */
export function isTestCard(number: string): boolean {
  return findTestCard(number) !== undefined;
}
