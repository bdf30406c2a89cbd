// A connector for tests, which connects to any address and accepts certificates of a test
// authority.
import { CertificatePins } from '../src/connection/certificate-pins.js';
import { type ConnectorOptions, GuardedConnector } from '../src/connection/guarded-connector.js';

/** Returns a connector with these options; the test closes it. */
export function testConnector(options: Partial<ConnectorOptions> = {}): GuardedConnector {
  const pins = new CertificatePins();
  return new GuardedConnector({ timeoutMs: 2_000, mayConnectTo: () => true, pins, ...options });
}
