// The gateway's codes as the matrices of the tests write them, each with its state. Written out by
// hand: libs/gateway has a table of its own, and its spec compares that with the documents.
import type { ReportedState } from '../src/evidence.js';

const STATES: Readonly<Record<string, ReportedState>> = {
  '0': 'pending',
  '1': 'approved',
  '2': 'declined',
  '3': 'takenBack',
  '5': 'chargedBack',
  '7': 'takenBack',
  '8': 'refundPending',
  '9': 'testApproved',
  '10': 'blocked',
  '11': 'disputed',
  '22': 'expired',
  '23': 'cancelled',
  '24': 'failed',
  '25': 'testApproved',
  '26': 'testDeclined',
  '27': 'testPending',
  '28': 'blocked',
};

export function stateOfCode(code: string): ReportedState {
  return STATES[code] ?? 'unknown';
}
