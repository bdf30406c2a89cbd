// What leads to the place where a process shall die, by name.
import { DECISION_FLOWS } from './decision-flows.mjs';
import { PAYMENT_FLOWS } from './payment-flows.mjs';
import { REFUND_FLOWS } from './refund-flows.mjs';

/**
 * What happens around a death. All but `act` and `command` have nothing to do for most flows.
 * @typedef {object} Flow
 * @property {string} words what the table says the gateway does
 * @property {(stack: object, reference: string) => Promise<unknown>} [prepare] before the process is armed
 * @property {(stack: object) => Promise<object>} [environment] further settings of the armed process
 * @property {(stack: object, reference: string) => Promise<unknown>} [before] what is scripted once the process is armed
 * @property {(stack: object, reference: string) => Promise<unknown>} [act] what a caller does then, until it is answered; sends
 *   the payment where it is missing
 * @property {(reference: string) => string[]} [command] of the operator's CLI, in place of all that
 * @property {(stack: object, hasDied: () => boolean) => Promise<unknown>} [after] what happens once the caller was answered
 * @property {(stack: object) => Promise<unknown>} [end] when the process runs again
 * @property {(stack: object, reference: string) => Promise<unknown>} [follow] what the gateway's people do later
 * @property {{ payment: string, refund?: string }} [ends] the only end there may be; a case may name another
 */

/** @type {Record<string, () => Flow>} a new one for each case, because some keep what they have opened */
export const FLOWS = { ...PAYMENT_FLOWS, ...REFUND_FLOWS, ...DECISION_FLOWS };
