// Each name in a manifest leads to something that exists, and nothing exists without use.
import {
  type Manifest,
  ofKind,
  scalersIn,
  type Secrets,
  type Selector,
  selects,
  type Workload,
  workloadsIn,
} from './manifests.js';

/** References that lead nowhere, and objects or keys to which none leads. */
export function referenceFaults(manifests: readonly Manifest[], secrets: Secrets): string[] {
  const workloads = workloadsIn(manifests);
  return [
    ...configMapFaults(manifests, workloads),
    ...secretFaults(workloads, secrets),
    ...workloads.flatMap((workload) => podFaults(workload, manifests)),
    ...selectorFaults(manifests, workloads),
    ...scalerFaults(manifests),
    ...ingressFaults(manifests),
  ];
}

function difference(what: string, used: readonly string[], there: readonly string[]): string[] {
  return [
    ...used.filter((name) => !there.includes(name)).map((name) => `${what} ${name} is missing`),
    ...there.filter((name) => !used.includes(name)).map((name) => `${what} ${name} is not used`),
  ];
}

function configMapFaults(manifests: readonly Manifest[], workloads: readonly Workload[]) {
  const used = workloads.flatMap(({ pod: { containers, volumes = [] } }) => [
    ...(containers[0].envFrom ?? []).flatMap(({ configMapRef }) => configMapRef?.name ?? []),
    ...volumes.flatMap(({ configMap }) => configMap?.name ?? []),
  ]);
  const there = ofKind(manifests, 'ConfigMap').map(({ name }) => name);
  return difference('ConfigMap', used, there);
}

function secretFaults(workloads: readonly Workload[], secrets: Secrets) {
  const isThere = ({ name, key }: { readonly name: string; readonly key: string }) =>
    secrets[name]?.[key] !== undefined;
  const used = workloads.flatMap(({ pod: { containers, volumes = [] } }) => [
    ...(containers[0].env ?? [])
      .flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? [])
      .filter((reference) => reference.optional !== true || isThere(reference)),
    ...(containers[0].envFrom ?? []).flatMap(({ secretRef: { name } = { name: '' } }) =>
      Object.keys(secrets[name] ?? {}).map((key) => ({ name, key })),
    ),
    ...volumes.flatMap(({ secret }) =>
      (secret?.items ?? []).map(({ key }) => ({ name: secret?.secretName ?? '', key })),
    ),
  ]);
  const there = Object.entries(secrets).flatMap(([name, values]) =>
    Object.keys(values).map((key) => `${name}/${key}`),
  );
  const keys = used.map(({ name, key }) => `${name}/${key}`);
  return difference('Secret', keys, there);
}

function podFaults({ name, kind, pod }: Workload, manifests: readonly Manifest[]): string[] {
  const [container] = pod.containers;
  const { env = [], ports = [], volumeMounts = [] } = container;
  const mounts = volumeMounts.map((mount) => mount.name);
  const volumes = (pod.volumes ?? []).map((volume) => volume.name);
  const files = (pod.volumes ?? []).flatMap(({ name: volume, secret, configMap }) => {
    const { mountPath = '' } = volumeMounts.find((mount) => mount.name === volume) ?? {};
    const items = (secret ?? configMap)?.items ?? [];
    return items.map(({ path }) => `${mountPath}/${path}`);
  });
  const paths = env.flatMap(({ value }) => (value?.startsWith('/') ? [value] : []));
  const accounts = ofKind(manifests, 'ServiceAccount').map((account) => account.name);
  const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'] as const;
  return [
    ...difference('volume', mounts, volumes),
    ...difference('file', paths, files),
    ...(accounts.includes(pod.serviceAccountName ?? '') ? [] : [`${name} has no service account`]),
    ...probes
      .filter(() => kind === 'Deployment')
      .filter((probe) => !ports.some((port) => port.name === container[probe]?.httpGet.port))
      .map((probe) => `${name} has no ${probe}, or one of an unknown port`),
  ];
}

/** Selectors that select no pods, or those of several workloads where one is meant. */
function selectorFaults(manifests: readonly Manifest[], workloads: readonly Workload[]): string[] {
  const one = (what: string, selector: Selector, wanted?: string) => {
    const found = workloads.filter(({ labels }) => selects(selector, labels));
    const isRight = found.length === 1 && (wanted === undefined || found[0]?.name === wanted);
    return isRight ? [] : [`${what} selects ${found.map(({ name }) => name).join() || 'nothing'}`];
  };
  return [
    ...(['Deployment', 'PodDisruptionBudget'] as const).flatMap((kind) =>
      ofKind(manifests, kind).flatMap(({ name, spec }) =>
        one(`${kind} ${name}`, spec.selector, name),
      ),
    ),
    ...ofKind(manifests, 'Service').flatMap(({ name, spec: { selector, ports } }) => [
      ...one(`Service ${name}`, { matchLabels: selector }, name),
      ...ports
        .filter(({ targetPort }) => !portsOf(name, workloads).includes(targetPort))
        .map(({ targetPort }) => `Service ${name} leads to the unknown port ${targetPort}`),
    ]),
    ...difference(
      'PodDisruptionBudget',
      ofKind(manifests, 'Deployment').map(({ name }) => name),
      ofKind(manifests, 'PodDisruptionBudget').map(({ name }) => name),
    ),
    ...ofKind(manifests, 'PodMonitor').flatMap(({ name, spec }) =>
      workloads.some(({ labels }) => selects(spec.selector, labels))
        ? []
        : [`PodMonitor ${name} selects nothing`],
    ),
  ];
}

const portsOf = (name: string, workloads: readonly Workload[]) =>
  workloads
    .filter((workload) => workload.name === name)
    .flatMap(({ pod }) => (pod.containers[0].ports ?? []).map((port) => port.name));

/** An autoscaler that scales nothing, or does not do so alone. */
function scalerFaults(manifests: readonly Manifest[]): string[] {
  const deployments = ofKind(manifests, 'Deployment');
  const scaled = scalersIn(manifests).map(({ target }) => target);
  const unknown = scaled.filter((name) => !deployments.some((one) => one.name === name));
  return [
    ...unknown.map((name) => `an autoscaler scales the unknown ${name}`),
    ...deployments.flatMap(({ name, spec: { replicas } }) => {
      const deciders = scaled.filter((target) => target === name).length;
      const all = deciders + (replicas === undefined ? 0 : 1);
      return all === 1 ? [] : [`${all} decide about the replicas of ${name}`];
    }),
  ];
}

function ingressFaults(manifests: readonly Manifest[]): string[] {
  const services = ofKind(manifests, 'Service').flatMap(({ name, spec }) =>
    spec.ports.map((port) => `${name}:${port.name}`),
  );
  return ofKind(manifests, 'Ingress').flatMap(({ spec: { rules } }) =>
    rules
      .flatMap(({ http: { paths } }) => paths)
      .filter(
        ({ backend: { service } }) => !services.includes(`${service.name}:${service.port.name}`),
      )
      .map(({ path }) => `the ingress leads ${path} to a service that does not exist`),
  );
}
