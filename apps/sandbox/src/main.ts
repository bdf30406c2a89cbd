// Starts the gateway simulator on port 9003.
import { createLogger, loadConfig, Metrics, runMain, stopOnSignals } from '@quittance/platform';
import { listen } from '@quittance/server';
import { sandboxConfig } from './config.js';
import { createSandbox } from './start-sandbox.js';

await runMain(async () => {
  const config = loadConfig(sandboxConfig, process.env);
  const { host, port, logLevel } = config.http;
  const logger = createLogger({ name: 'sandbox', level: logLevel });
  const metrics = new Metrics();
  metrics.collectProcessMetrics();
  const app = await createSandbox(config, { logger, metrics });
  stopOnSignals(app, { logger });
  await listen(app, { host, port, portVariable: 'SANDBOX_PORT', logger });
});
