// Goal: a breaker opens when the gateway does not respond, and for no other reason; while it is
// open nothing passes; only a reply to an inquiry closes it, and then submissions start slowly.
// Method: a breaker with made-up exchanges, and a clock that the test sets.
import type { Exchange } from '@quittance/gateway';
import { type BreakerState, TerminalBreaker } from './terminal-breaker.js';

const REPLIED: Exchange = { kind: 'replied', httpStatus: 200, body: '' };
const REFUSED: Exchange = { kind: 'notSent', reason: 'econnrefused' };
const SILENT: Exchange = { kind: 'noReply', reason: 'timeout' };
const NOT_ALLOWED: Exchange = { kind: 'notSent', reason: 'gateway_pin_mismatch' };

const pace = { turn: () => Promise.resolve(void (turns += 1)) };
let turns: number;
let now: number;
let changes: BreakerState[];
beforeEach(() => {
  turns = 0;
  now = 0;
  changes = [];
});

const create = (failures = 3) =>
  new TerminalBreaker({
    failures,
    inquireEveryMs: 5_000,
    onChange: (to) => void changes.push(to),
    now: () => now,
  });
const submit = (breaker: TerminalBreaker, exchange: Exchange) =>
  breaker.pass(pace, () => breaker.watch(() => Promise.resolve(exchange)));
const inquire = (breaker: TerminalBreaker, exchange: Exchange) =>
  breaker.inquire(() => Promise.resolve(exchange));
async function opened(): Promise<TerminalBreaker> {
  const breaker = create();
  for (let count = 0; count < 3; count += 1) await submit(breaker, REFUSED);
  expect(breaker.isOpen).toBe(true);
  return breaker;
}
const retryAfter = async (breaker: TerminalBreaker) => {
  const error: unknown = await submit(breaker, REPLIED).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'breaker_open' });
  return (error as { retryAfterSeconds: number }).retryAfterSeconds;
};
/** Starts a submission that lasts until its exchange is given. */
function begin(breaker: TerminalBreaker): { end: (exchange: Exchange) => Promise<unknown> } {
  let give: (exchange: Exchange) => void = () => undefined;
  const run = breaker.pass(pace, () =>
    breaker.watch(() => new Promise((resolve) => (give = resolve))),
  );
  return {
    end: (exchange) => {
      give(exchange);
      return run;
    },
  };
}

describe('opens', () => {
  it.each([
    ['connections are refused', [REFUSED, REFUSED, REFUSED]],
    ['no reply comes', [SILENT, SILENT, SILENT]],
    ['both', [SILENT, REFUSED, SILENT]],
    ['with a refusal of this process in between', [SILENT, SILENT, NOT_ALLOWED, SILENT]],
  ])('when %s', async (_, exchanges) => {
    const breaker = create();
    for (const exchange of exchanges) {
      expect(breaker.isOpen).toBe(false);
      await submit(breaker, exchange);
    }
    expect(breaker.isOpen).toBe(true);
    expect(changes).toEqual(['open']);
  });

  it('once, when many calls fail at the same moment', async () => {
    const breaker = create();
    await Promise.all(Array.from({ length: 10 }, () => submit(breaker, REFUSED)));
    expect(changes).toEqual(['open']);
  });
});

describe('stays closed', () => {
  it.each([
    ['the gateway replies, whatever it says', Array.from({ length: 10 }, () => REPLIED)],
    ['a reply comes in between', [SILENT, SILENT, REPLIED, SILENT, SILENT, REPLIED]],
    ['this process refuses to send', Array.from({ length: 10 }, () => NOT_ALLOWED)],
  ])('when %s', async (_, exchanges) => {
    const breaker = create();
    for (const exchange of exchanges) await submit(breaker, exchange);
    expect(breaker.isOpen).toBe(false);
    expect(changes).toEqual([]);
  });

  it('always, with 0 failures', async () => {
    const breaker = create(0);
    for (let count = 0; count < 100; count += 1) await submit(breaker, REFUSED);
    expect(breaker.isOpen).toBe(false);
  });
});

describe('while it is open', () => {
  it('runs nothing, and spreads the jobs that it puts off in their turns', async () => {
    const breaker = await opened();
    const after = [];
    for (let count = 0; count < 3; count += 1) after.push(await retryAfter(breaker));
    expect(after).toEqual([5, 5.01, 5.02]);
    expect(turns).toBe(3);
  });

  it('stays open at any time until an inquiry is answered', async () => {
    const breaker = await opened();
    now = 86_400_000;
    await retryAfter(breaker);
    await inquire(breaker, REFUSED);
    await inquire(breaker, SILENT);
    await retryAfter(breaker);
    expect(changes).toEqual(['open', 'half_open', 'open', 'half_open', 'open']);
  });

  it('makes one inquiry at a time, and lets no submission pass meanwhile', async () => {
    const breaker = await opened();
    let give: (exchange: Exchange) => void = () => undefined;
    const first = breaker.inquire(() => new Promise((resolve) => (give = resolve)));
    await breaker.inquire(() => Promise.reject(new Error('asked twice')));
    await retryAfter(breaker);
    give(REPLIED);
    await first;
    expect(changes).toEqual(['open', 'half_open', 'closed']);
  });

  it.each([NOT_ALLOWED, { kind: 'noReply', reason: 'reply_too_large' } as const])(
    'closes when an inquiry ends otherwise than without a response: %j',
    async (exchange) => {
      const breaker = await opened();
      await inquire(breaker, exchange);
      expect(breaker.isOpen).toBe(false);
    },
  );

  it('ignores the results of submissions that were in flight', async () => {
    const breaker = create();
    const late = begin(breaker);
    for (let count = 0; count < 3; count += 1) await submit(breaker, REFUSED);
    await late.end(REPLIED);
    expect(breaker.isOpen).toBe(true);
  });
});

describe('after it closed', () => {
  it('permits one submission, and twice as many after each reply', async () => {
    const breaker = await opened();
    await inquire(breaker, REPLIED);
    const first = begin(breaker);
    expect(await retryAfter(breaker)).toBe(0.25);
    await first.end(REPLIED);
    const [second] = [begin(breaker), begin(breaker)];
    await retryAfter(breaker);
    await second.end(REPLIED);
    // One is still in flight, and four may be.
    for (let count = 0; count < 3; count += 1) begin(breaker);
    await retryAfter(breaker);
  });

  it('permits any number after six replies', async () => {
    const breaker = await opened();
    await inquire(breaker, REPLIED);
    for (let count = 0; count < 6; count += 1) await submit(breaker, REPLIED);
    const many = Array.from({ length: 1_000 }, () => begin(breaker));
    const ends = Promise.all(many.map(({ end }) => end(REPLIED)));
    await expect(ends).resolves.toHaveLength(1_000);
  });

  it('opens again after as many failures', async () => {
    const breaker = await opened();
    await inquire(breaker, REPLIED);
    for (let count = 0; count < 3; count += 1) await submit(breaker, SILENT);
    expect(changes).toEqual(['open', 'half_open', 'closed', 'open']);
  });

  it('does not count the time-outs of calls from before', async () => {
    const breaker = create();
    const late = Array.from({ length: 6 }, () => begin(breaker));
    for (const { end } of late.slice(0, 3)) await end(SILENT);
    await inquire(breaker, REPLIED);
    for (const { end } of late.slice(3)) await end(SILENT);
    expect(breaker.isOpen).toBe(false);
  });
});
