// A connector for tests of what happens on the wire: to any address, with certificates of a test's
// own authority.
import { CertificatePins } from '../src/connection/certificate-pins.js';
import { type ConnectorOptions, GuardedConnector } from '../src/connection/guarded-connector.js';

export function testConnector(options: Partial<ConnectorOptions> = {}): GuardedConnector {
  const pins = new CertificatePins();
  return new GuardedConnector({ timeoutMs: 2_000, mayConnectTo: () => true, pins, ...options });
}
