// Payments on their way to the place where a process shall die: what the gateway answers, and which servers are away.
import { setTimeout as pause } from 'node:timers/promises';
import { Front } from '../front.mjs';
import { Caller } from '../payments.ts';
import { SandboxControl } from '../sandbox-control.ts';
import { Signer } from '../signer.ts';
import { until } from '../waiting.ts';

/** Time for a reply to be stored before the acquirer's own word comes. */
const SETTLES_AFTER_MS = 400;
const REFUSES_FOR_MS = 2_000;
const REACHED_LIMIT_MS = 30_000;

/** The gateway answers "pending"; its acquirer approves soon after, by callback. */
function settles(stack, reference) {
  const settle = { order_status: '1', after_ms: SETTLES_AFTER_MS };
  const script = { match: { reference }, reply: '0', settle, times: 1 };
  return new SandboxControl(stack.urls.sandbox).acquirer(script);
}

export const PAYMENT_FLOWS = {
  /** The gateway approves in its reply. */
  approved: () => ({ words: 'approves' }),

  /** The gateway approves, and the caller's key signs: each try carries a nonce of its own. */
  signed: () => {
    const key = {};
    return {
      words: 'approves; the request is signed',
      prepare: async (stack) => {
        key.signer = await Signer.of(stack);
      },
      act: (stack, reference) => Caller.signing(stack, key.signer).accept(reference),
    };
  },

  settled: () => ({ words: 'settles by callback', before: settles }),

  /** The gateway charges and its reply is lost: in doubt, then asked. */
  doubtful: () => ({
    words: 'loses its reply',
    before: (stack, reference) =>
      new SandboxControl(stack.urls.sandbox).fault({
        match: { reference },
        fault: 'drop_after_processing',
      }),
  }),

  /** Nothing listens where the gateway should: the request provably never leaves. */
  unreachable: () => ({
    words: 'refuses connections',
    before: (stack) =>
      new SandboxControl(stack.urls.sandbox).fault({
        fault: 'refuse_connection',
        for_ms: REFUSES_FOR_MS,
      }),
  }),

  /** Redis loses everything once the payment is on its way. */
  flushed: () => ({
    words: 'approves; Redis is emptied',
    after: (stack) => stack.servers.redis.command('FLUSHALL'),
  }),

  /** The webhook app cannot reach Postgres while the callback comes; the others can. */
  kept: () => {
    const postgres = {};
    return {
      words: 'settles by callback; no Postgres',
      environment: async (stack) => {
        const url = new URL(stack.setup.databaseUrl);
        postgres.wire = await Front.start([{ port: Number(url.port) }]);
        url.port = String(postgres.wire.port);
        return { DATABASE_URL: url.href };
      },
      before: (stack, reference) => {
        postgres.wire.cut();
        return settles(stack, reference);
      },
      after: async (stack, hasDied) => {
        const isKept = () => stack.servers.redis.command('LLEN', 'quittance-callbacks-kept');
        const look = async () => hasDied() || (await isKept()) > 0;
        await until(look, { what: 'the callback came', limitMs: REACHED_LIMIT_MS });
        // Whoever dies when the callback is kept does so before Postgres is back.
        if (!hasDied()) await pause(SETTLES_AFTER_MS);
        postgres.wire.mend();
      },
      // What is still kept would lead the next case's process to its point before anybody paid.
      end: async (stack) => {
        const isApplied = async () =>
          (await stack.servers.redis.command('LLEN', 'quittance-callbacks-kept')) === 0;
        await until(isApplied, { what: 'the callback was applied', limitMs: REACHED_LIMIT_MS });
        await postgres.wire.close();
      },
    };
  },
};
