// The invariants of docs/architecture.md for every payment and all evidence, as far as a single
// decision can ensure them.
import { NOW } from '../test/a-payment.js';
import { always } from '../test/arbitrary-evidence.js';
import { decide } from './decide.js';
import type { PaymentStatus } from './status.js';
import { hasBeenCharged, mayMove } from './status.js';

describe('any evidence', () => {
  it('raises the version by one exactly with a transition that the table allows', () =>
    always((before, { next, move, unmoved }) => {
      const hasMoved = next.status !== before.status;
      expect(move !== null).toBe(hasMoved);
      expect(unmoved === null).toBe(hasMoved);
      expect(next.version - before.version).toBe(hasMoved ? 1 : 0);
      if (!move) return;
      expect(move).toMatchObject({ from: before.status, to: next.status });
      expect(mayMove(move.from, move.to)).toBe(true);
    }));

  it('moves the time of the last change exactly with the version', () =>
    always((before, { next }) => {
      const hasMoved = next.version !== before.version;
      expect(next.updatedAt).toEqual(hasMoved ? NOW : before.updatedAt);
    }));

  it('never takes a payment out of chargedBack, nor out of declined or blocked unless the gateway corrects an assumption', () =>
    always((before, { move }, { cause }) => {
      const finals: readonly PaymentStatus[] = ['declined', 'blocked', 'chargedBack'];
      if (!move || !finals.includes(before.status)) return;
      expect(before.status).not.toBe('chargedBack');
      expect(before.failure?.code).toBe('resolved_by_operator');
      expect(['reply', 'inquiry']).toContain(cause);
    }));

  it('explains a doubt exactly while it lasts', () =>
    always((_, { next }) => expect(next.doubtReason !== null).toBe(next.status === 'inDoubt')));

  it('explains a failure exactly while it stands', () =>
    always((_, { next }) => {
      const isRefused = ['failed', 'declined', 'blocked'].includes(next.status);
      expect(next.failure !== null).toBe(isRefused);
    }));

  it('never makes a charged payment uncharged', () =>
    always((before, { next }) => {
      if (hasBeenCharged(before.status)) expect(hasBeenCharged(next.status)).toBe(true);
    }));

  it('restores the encrypted card exactly when the payment is queued again', () =>
    always((_, { move, restoresCard }) => expect(restoresCard).toBe(move?.to === 'queued')));

  it('raises the fence exactly when an attempt is opened', () =>
    always((before, { next, move }) => {
      expect(next.attempt - before.attempt).toBe(move?.to === 'submitting' ? 1 : 0);
    }));

  it('never changes the merchant’s request', () =>
    always((before, { next }) => {
      const { merchantId, terminalId, reference, amountMinor, currency, mode, createdAt } = before;
      const asked = { merchantId, terminalId, reference, amountMinor, currency, mode, createdAt };
      expect(next).toMatchObject(asked);
    }));

  it('stores nothing of a disbelieved report but a doubt about our own request', () =>
    always((before, { next, isDisbelieved, alert }, { cause }) => {
      if (!isDisbelieved) return;
      expect(alert).toBe('report_mismatch');
      if (before.status === 'submitting' && cause === 'reply') expect(next.status).toBe('inDoubt');
      else expect(next).toMatchObject({ transId: before.transId, status: before.status });
    }));

  it('never stores a transaction that belongs to another payment', () =>
    always((before, _, evidence) => {
      const foreignTransIds = new Set(['100135250426141606', '999']);
      const payment = { ...before, transId: null, foreignTransIds };
      expect(decide(payment, evidence, NOW).next.transId).toBeNull();
    }));
});
