// Each workload may reach what its settings name, and be reached by those who need it, and no more.
import {
  environmentOf,
  type Manifest,
  ofKind,
  type Peer,
  type Policy,
  type Secrets,
  type Selector,
  selects,
  type Workload,
  workloadsIn,
} from './manifests.js';

/** The namespaces from which connections to a workload are needed. */
const CALLERS: Readonly<Record<string, readonly string[]>> = {
  api: ['ingress-nginx', 'monitoring', 'quittance/calls=api'],
  webhook: ['ingress-nginx', 'monitoring'],
  worker: ['monitoring'],
  orders: ['monitoring'],
};
const PORTS: Readonly<Record<string, number>> = {
  'postgres:': 5432,
  'redis:': 6379,
  'http:': 80,
  'https:': 443,
};
const DNS = ['kube-system UDP 53', 'kube-system TCP 53'];

/** Connections that a workload needs and may not open, or may and does not need. */
export function networkFaults(manifests: readonly Manifest[], secrets: Secrets): string[] {
  const policies = ofKind(manifests, 'NetworkPolicy').map(({ spec }) => spec);
  const names = workloadsIn(manifests).map(({ name }) => name);
  const denies = policies.some(
    ({ podSelector, policyTypes, ingress, egress }) =>
      Object.keys(podSelector).length === 0 && policyTypes.length === 2 && !ingress && !egress,
  );
  return [
    ...(denies ? [] : ['no policy denies everything']),
    ...policies.flatMap(({ podSelector }) =>
      namedBy(podSelector)
        .filter((name) => !names.includes(name))
        .map((name) => `a policy is for the unknown ${name}`),
    ),
    ...workloadsIn(manifests).flatMap((workload) => {
      const own = policies.filter(({ podSelector }) => selects(podSelector, workload.labels));
      const needed = neededBy(environmentOf(workload, manifests, secrets));
      return [
        ...differences(`${workload.name} to`, [...DNS, ...needed], own.flatMap(egressOf)),
        ...differences(
          `${workload.name} from`,
          CALLERS[workload.name] ?? [],
          own.flatMap((policy) => ingressOf(policy, workload)),
        ),
      ];
    }),
  ];
}

function differences(what: string, needed: readonly string[], allowed: readonly string[]) {
  return [
    ...needed.filter((one) => !allowed.includes(one)).map((one) => `${what} ${one} is denied`),
    ...allowed.filter((one) => !needed.includes(one)).map((one) => `${what} ${one} is not needed`),
  ];
}

/** An empty list means the same as none: everything. */
const orAll = <T>(list: readonly T[] | undefined, all: T) => (list?.length ? list : [all]);
const ANY_PORT = { port: 'any port', protocol: '' };

const namedBy = ({ matchLabels = {}, matchExpressions = [] }: Selector) => [
  ...Object.values(matchLabels),
  ...matchExpressions.flatMap(({ values = [] }) => values),
];

/** The servers that the settings name; the process with the callback's address calls gateways. */
function neededBy(env: Readonly<Record<string, string>>): string[] {
  const urls = Object.entries(env).filter(([name]) =>
    /^(?!PUBLIC_).*_(?:URL|ENDPOINT)$/.test(name),
  );
  const servers = urls.map(([, value]) => {
    const { hostname, port, protocol } = new URL(value);
    return `${hostname} TCP ${port || PORTS[protocol]}`;
  });
  return [...new Set([...servers, ...('PUBLIC_CALLBACK_URL' in env ? ['public TCP 443'] : [])])];
}

const NAMESPACE = 'kubernetes.io/metadata.name';

/** A name for the others of a policy: their namespace, or in our own their pods. */
function nameOf({ namespaceSelector, podSelector, ipBlock }: Peer): string {
  if (ipBlock) return /^(?:0\.0\.0\.0|::)\/0$/.test(ipBlock.cidr) ? 'public' : ipBlock.cidr;
  const { [NAMESPACE]: namespace, ...labels } = namespaceSelector?.matchLabels ?? {};
  if (namespaceSelector)
    return namespace ?? Object.entries(labels).map((pair) => pair.join('='))[0] ?? 'everybody';
  return namedBy(podSelector ?? {})[0] ?? 'everybody';
}

function egressOf({ egress = [] }: Policy): string[] {
  return egress.flatMap(({ to, ports }) =>
    orAll(to, {}).flatMap((peer) =>
      orAll(ports, ANY_PORT).map(({ port, protocol }) => `${nameOf(peer)} ${protocol} ${port}`),
    ),
  );
}

function ingressOf({ ingress = [] }: Policy, { pod }: Workload): string[] {
  const own = (pod.containers[0].ports ?? []).map(({ name }) => name);
  return ingress.flatMap(({ from, ports }) =>
    orAll(from, {}).flatMap((peer) =>
      orAll(ports, ANY_PORT).map(({ port }) =>
        own.includes(String(port)) ? nameOf(peer) : `${nameOf(peer)} at ${port}`,
      ),
    ),
  );
}
