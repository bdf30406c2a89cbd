// Checks that each gateway can be reached from this host: a connection, with TLS where the address
// has it, and no request.
import { CertificatePins, GuardedConnector } from '@quittance/gateway';
import type { PrismaService } from '@quittance/persistence';
import { errorCodeOf, isPublicAddress } from '@quittance/platform';
import { attention, bad, type Finding, good } from './finding.js';

const CONNECT_WITHIN_MS = 5_000;
/** More addresses than a deployment has gateways. */
const ADDRESSES_MAX = 20;

interface Gateway {
  readonly origin: string;
  readonly isLive: boolean;
}

export async function checkGateways(prisma: PrismaService): Promise<Finding[]> {
  const terminals = await prisma.terminal.findMany({
    select: { baseUrl: true, mode: true },
    distinct: ['baseUrl', 'mode'],
    orderBy: { baseUrl: 'asc' },
    take: ADDRESSES_MAX,
  });
  if (terminals.length === 0) {
    const advice = 'Add one: quittance terminals add.';
    return [attention('gateway', 'there is no terminal', advice)];
  }
  const found = terminals.map(({ baseUrl, mode }) => [new URL(baseUrl).origin, mode] as const);
  const gateways = new Map(
    found.map(([origin, mode]) => [`${mode} ${origin}`, { origin, isLive: mode === 'live' }]),
  );
  return Promise.all([...gateways.values()].map(reach));
}

async function reach({ origin, isLive }: Gateway): Promise<Finding> {
  const check = `gateway ${origin}`;
  if (isLive && !origin.startsWith('https:'))
    return bad(check, 'a live terminal without https', 'Add the terminal again with https.');
  const connector = new GuardedConnector({
    timeoutMs: CONNECT_WITHIN_MS,
    mayConnectTo: isLive ? isPublicAddress : () => true,
    pins: new CertificatePins([]),
  });
  const startedAt = performance.now();
  try {
    const socket = await connector.open(new URL(origin), AbortSignal.timeout(CONNECT_WITHIN_MS));
    socket.destroy();
    return good(check, `connected in ${Math.round(performance.now() - startedAt)} ms`);
  } catch (error) {
    const advice =
      'Check its name, the firewall and its certificate, and check again from a worker’s host.';
    return bad(check, `no connection (${errorCodeOf(error) ?? 'failed'})`, advice);
  } finally {
    connector.close();
  }
}
