// Goal: whatever a server does, an exchange is `notSent` only if no byte reached the server.
// Method: fast-check writes the server's script, an exchange runs against it, and the server's
// record decides.
import fc from 'fast-check';
import type { Socket } from 'node:net';
import { afterRequest, ByteServer, httpReply } from '../test/byte-server.js';
import { testConnector } from '../test/test-connector.js';
import { exchange } from './exchange.js';

type Moment = 'onAccept' | 'onFirstByte' | 'onRequest';
type Ending = 'end' | 'reset' | 'stay';

interface Behaviour {
  readonly moment: Moment;
  readonly says: string;
  readonly ending: Ending;
}

const WHOLE = httpReply(200, '{"transID":"1","order_status":"1"}');
const moments = fc.constantFrom<Moment>('onAccept', 'onFirstByte', 'onRequest');
const says = fc.oneof(
  fc.constantFrom('', WHOLE, httpReply(500, ''), 'HTTP/1.1 100 Continue\r\n\r\n', 'garbage'),
  fc.nat(WHOLE.length).map((length) => WHOLE.slice(0, length)),
);
const behaviours = fc.record<Behaviour>({
  moment: moments,
  says,
  ending: fc.constantFrom<Ending>('end', 'reset', 'stay'),
});

function act(socket: Socket, { says: text, ending }: Behaviour): void {
  if (text !== '') socket.write(text);
  if (ending === 'end') socket.end();
  if (ending === 'reset') socket.resetAndDestroy();
}

/** Follows one behaviour per connection or request, and repeats the last one. */
function start(script: readonly Behaviour[]): Promise<ByteServer> {
  let step = 0;
  const next = (): Behaviour | undefined => script[Math.min(step++, script.length - 1)];
  return ByteServer.start((socket) => {
    const behaviour = next();
    if (behaviour?.moment === 'onAccept') act(socket, behaviour);
    if (behaviour?.moment === 'onFirstByte') socket.once('data', () => act(socket, behaviour));
    if (behaviour?.moment !== 'onRequest') return;
    let current: Behaviour | undefined = behaviour;
    afterRequest((ready) => {
      if (current) act(ready, current);
      current = next();
    })(socket);
  });
}

it('is never notSent when the server received a byte of the request', async () => {
  const seen = new Set<string>();
  const property = fc.asyncProperty(
    fc.array(behaviours, { minLength: 1, maxLength: 3 }),
    fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
    async (script, starts) => {
      const server = await start(script);
      const connector = testConnector();
      try {
        for (const [at, isAllowed] of starts.entries()) {
          const path = `/marked-${at}/`;
          const result = await exchange(connector, {
            origin: server.origin,
            method: 'POST',
            path,
            headers: {},
            body: '{}',
            timeoutMs: 40,
            mayStart: () => isAllowed,
          });
          seen.add(result.kind);
          const hasArrived = server.received().toString('latin1').includes(path);
          if (hasArrived) expect(result.kind).not.toBe('notSent');
          if (!isAllowed) expect(result.kind).toBe('notSent');
        }
      } finally {
        connector.close();
        await server.close();
      }
      // A request that was notSent must not arrive later either. By now everything written has been
      // read or discarded.
      const text = server.received().toString('latin1');
      for (const [at, isAllowed] of starts.entries()) {
        if (!isAllowed) expect(text).not.toContain(`/marked-${at}/`);
      }
    },
  );
  await fc.assert(property, { numRuns: 150 });
  expect([...seen].toSorted()).toEqual(['noReply', 'notSent', 'replied']);
});
