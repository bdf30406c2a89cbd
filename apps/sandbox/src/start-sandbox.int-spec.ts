// Goal: the gateway's own rules decide what a body means, so that no parser of a framework may come before them.
import { createLogger, Metrics } from '@quittance/platform';
import { bodyParsersOf } from '../../../test/support/body-parsers.js';
import { createSandbox } from './start-sandbox.js';

it('the sandbox has one parser, for whatever comes', async () => {
  const app = await createSandbox(
    { generation: 'b', ledgerFile: undefined, publicKeyLength: 44 },
    { logger: createLogger({ name: 'sandbox', level: 'silent' }), metrics: new Metrics() },
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  expect(bodyParsersOf(app)).toEqual(['*']);
  await app.close();
});
