// The gateway's test cards (protocol §10). They work in production too and skip Luhn, CVV, expiry
// and the acquirer, so both the simulator and a client that validates numbers must know them.
import type { OrderStatusName } from './order-status.js';

/** A card number that the gateway answers by itself, without an acquirer. */
export interface TestCard {
  readonly number: string;
  readonly network: 'mastercard' | 'visa' | 'diners' | 'jcb';
  /** The order status of the create reply; `test3ds` waits for the payer. */
  readonly orderStatus: Extract<
    OrderStatusName,
    'test3ds' | 'testApproved' | 'testDeclined' | 'test'
  >;
  /** False for three of them, which a client-side check would reject. */
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
 * Returns the test card with this number; ignores spaces and dashes, as the gateway does (protocol
 * §1.2).
 */
export function findTestCard(number: string): TestCard | undefined {
  return byNumber.get(number.replaceAll(/[ -]/g, ''));
}

/** True when the gateway would answer for this number by itself. */
export function isTestCard(number: string): boolean {
  return findTestCard(number) !== undefined;
}
