// Goal: the gateway's own rules determine the meaning of a body, so no framework parser may run
// before them.
import { createLogger, loadConfig } from '@quittance/platform';
import { bodyParsersOf } from '../../../test/support/body-parsers.js';
import { sandboxConfig } from './config.js';
import { createSandbox } from './start-sandbox.js';

it('the sandbox has one parser for all content types', async () => {
  const logger = createLogger({ name: 'sandbox', level: 'silent' });
  const app = await createSandbox(loadConfig(sandboxConfig, {}), { logger });
  await app.listen({ host: '127.0.0.1', port: 0 });
  expect(bodyParsersOf(app)).toEqual(['*']);
  await app.close();
});
