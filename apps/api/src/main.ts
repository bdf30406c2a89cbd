// The api process: settings, connections, port.
import {
  createLogger,
  listen,
  loadConfig,
  Metrics,
  runMain,
  stopOnSignals,
} from '@quittance/platform';
import { apiConfig } from './config.js';
import { openConnections, waitForConnections } from './connections/connections.js';
import { createApp } from './create-app.js';

await runMain(async () => {
  const config = loadConfig(apiConfig, process.env);
  const log = createLogger({ name: 'api', level: config.http.logLevel });
  const metrics = new Metrics();
  metrics.collectProcessMetrics();
  const connections = openConnections(config, { log, metrics });
  await waitForConnections(connections, log);
  const app = await createApp({ config, connections, metrics, log });
  stopOnSignals(app, { logger: log });
  const { host, port } = config.http;
  await listen(app, { host, port, portVariable: 'API_PORT', logger: log });
});
