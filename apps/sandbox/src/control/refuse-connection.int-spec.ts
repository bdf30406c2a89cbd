// Goal: during a scripted outage no connection is possible, and afterwards connections work again.
import { RunningSandbox, type Answer } from '../testing/running-sandbox.fixture.js';

let sandbox: RunningSandbox;
beforeAll(async () => (sandbox = await RunningSandbox.start()));
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.reset('b'));

function fault(name: string, more: object = {}): Promise<Answer> {
  return sandbox.script('POST', '/sandbox/faults', { fault: name, ...more });
}

describe('refuse_connection', () => {
  async function isReachable(): Promise<boolean> {
    return fetch(`${sandbox.url}/livez`).then(
      () => true,
      () => false,
    );
  }

  it('closes the port after its response, cuts idle connections, and reopens automatically', async () => {
    expect(await isReachable()).toBe(true);
    const answer = await fault('refuse_connection', { for_ms: 200 });
    expect(answer.json).toEqual({ fault: 'refuse_connection', for_ms: 200 });
    await expect(fetch(`${sandbox.url}/livez`)).rejects.toMatchObject({
      cause: { code: 'ECONNREFUSED' },
    });
    while (!(await isReachable()));
    await fault('refuse_connection', { for_ms: 1 });
    while (!(await isReachable()));
    expect((await sandbox.create()).status).toBe(200);
  });

  it('does not prevent the sandbox from stopping', async () => {
    const other = await RunningSandbox.start();
    await other.script('POST', '/sandbox/faults', { fault: 'refuse_connection', for_ms: 60_000 });
    await other.stop();
    await expect(fetch(`${other.url}/livez`)).rejects.toThrow();
  });
});
