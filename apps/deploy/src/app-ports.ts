// The port of each app, for the programs that start the apps or check their health.

/** The variable that holds an app's port, and the port it has without it. */
export const APP_PORTS = {
  sandbox: { variable: 'SANDBOX_PORT', preset: 9003 },
  orders: { variable: 'ORDERS_PORT', preset: 3002 },
  worker: { variable: 'WORKER_PORT', preset: 3003 },
  webhook: { variable: 'WEBHOOK_PORT', preset: 3001 },
  api: { variable: 'API_PORT', preset: 3000 },
};

/** An app that listens. */
export type AppName = keyof typeof APP_PORTS;
