import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aTransaction } from '../testing/transaction.fixture.js';
import { Journal } from './journal.js';
import { Ledger } from './ledger.js';
import { countsAsCharge, moveTo } from './transaction.js';

const request = { at: new Date(0), path: '/api/s2s', terminalNumber: '42', couldCharge: true };

describe('Ledger', () => {
  it('returns all rows of a reference, oldest first', () => {
    const ledger = new Ledger(undefined);
    const first = aTransaction({ transId: '1', rowNumber: 1, reference: 'ORD-1' });
    const second = aTransaction({ transId: '2', rowNumber: 2, reference: 'ORD-1' });
    ledger.insert(first);
    ledger.insert(second);
    expect(ledger.withReference('ORD-1')).toEqual([first, second]);
    expect(ledger.nextRowNumber()).toBe(3);
  });

  it('counts a probe as received but not as able to charge', () => {
    const ledger = new Ledger(undefined);
    ledger.receive('ORD-1', request);
    ledger.receive('ORD-1', { ...request, couldCharge: false });
    expect(ledger.received('ORD-1')).toHaveLength(2);
    expect(ledger.chargeRequests('ORD-1')).toBe(1);
  });

  it('is empty when cleared', () => {
    const ledger = new Ledger(undefined);
    ledger.insert(aTransaction({ transId: '1', reference: 'ORD-1' }));
    ledger.receive('ORD-1', request);
    ledger.clear();
    expect([
      ledger.size,
      ledger.withReference('ORD-1'),
      ledger.received('ORD-1'),
      ledger.nextRowNumber(),
    ]).toEqual([0, [], [], 1]);
  });
});

describe('charged', () => {
  it.each([0, 2, 10, 22, 23, 24, 26, 27, 28])('is not set by code %d', (code) => {
    expect(countsAsCharge(code, undefined)).toBe(false);
  });

  it.each([1, 9, 25, 8, 7, 3])('is set by code %d', (code) => {
    expect(countsAsCharge(code, undefined)).toBe(true);
  });

  it('stays set when the code changes', () => {
    const transaction = aTransaction({ orderStatus: 0 });
    moveTo(transaction, 1, 'Payment successful');
    moveTo(transaction, 2, 'Payment declined');
    expect(transaction.charged).toBe(true);
  });

  it('is never set on a refund row', () => {
    expect(countsAsCharge(3, '100135250426141606')).toBe(false);
  });
});

describe('Journal', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-journal-'));
  const path = join(folder, 'nested', 'ledger.jsonl');
  afterAll(() => rmSync(folder, { recursive: true }));

  function restored(): Ledger {
    const ledger = new Ledger(undefined);
    const journal = new Journal(path);
    journal.replay({
      terminal: () => undefined,
      transaction: (transaction) => ledger.restoreTransaction(transaction),
      request: (reference, received) => ledger.restoreRequest(reference, received),
    });
    journal.close();
    return ledger;
  }

  it('restores the last state of each row and every request, despite a truncated line', () => {
    const journal = new Journal(path);
    const ledger = new Ledger(journal);
    const transaction = aTransaction({ transId: '1', reference: 'ORD-1', orderStatus: 0 });
    ledger.insert(transaction);
    ledger.receive('ORD-1', request);
    moveTo(transaction, 1, 'Payment successful');
    ledger.changed(transaction);
    journal.close();
    appendFileSync(path, '{"kind":"transac');

    expect(restored().withReference('ORD-1')).toEqual([transaction]);
    expect(restored().received('ORD-1')).toEqual([request]);
  });

  it('accepts new facts after a truncated line', () => {
    const journal = new Journal(path);
    new Ledger(journal).insert(aTransaction({ transId: '3' }));
    journal.close();
    expect(restored().find('3')).toEqual(aTransaction({ transId: '3' }));
  });

  it('contains only later facts after it was emptied', () => {
    const journal = new Journal(path);
    journal.empty();
    new Ledger(journal).insert(aTransaction({ transId: '2' }));
    journal.close();
    expect([...restored().all()].map((transaction) => transaction.transId)).toEqual(['2']);
  });
});
