// The parts of the manifests that the checks read. Their full shapes are checked by `schema.ts`.

/** Labels of an object, or those that a selector asks for. */
export type Labels = Readonly<Record<string, string>>;

/** A document of a kind that no check tells apart. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Labels;
  };
  readonly automountServiceAccountToken?: boolean;
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: unknown;
}

interface Reference {
  readonly name: string;
  readonly key: string;
  readonly optional?: boolean;
}

interface MountedKeys {
  readonly items: readonly { readonly key: string; readonly path: string }[];
}

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly env?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly secretKeyRef: Reference };
  }[];
  readonly envFrom?: readonly {
    readonly configMapRef?: { readonly name: string };
    readonly secretRef?: { readonly name: string };
  }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly securityContext?: unknown;
  readonly resources?: unknown;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

export interface PodSpec {
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly securityContext?: unknown;
  readonly terminationGracePeriodSeconds?: number;
  readonly topologySpreadConstraints?: readonly unknown[];
  readonly containers: readonly [Container];
  readonly volumes?: readonly {
    readonly name: string;
    readonly secret?: MountedKeys & { readonly secretName: string };
    readonly configMap?: MountedKeys & { readonly name: string };
  }[];
}

/** An object that runs pods. */
export interface Workload {
  readonly kind: string;
  readonly name: string;
  readonly labels: Labels;
  readonly pod: PodSpec;
}

/** A selector by labels, as policies, budgets and Deployments have it. */
export interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** The others of a network policy. */
export interface Peer {
  readonly namespaceSelector?: Selector;
  readonly podSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string };
}

interface PolicyPorts {
  readonly ports?: readonly { readonly port: number | string; readonly protocol: string }[];
}

/** The connections that pods may open and accept. */
export interface Policy {
  readonly podSelector: Selector;
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly (PolicyPorts & { readonly from?: readonly Peer[] })[];
  readonly egress?: readonly (PolicyPorts & { readonly to?: readonly Peer[] })[];
}

/** A path of an ingress. */
interface Path {
  readonly path: string;
  readonly backend: {
    readonly service: { readonly name: string; readonly port: { readonly name: string } };
  };
}

/** The specs by kind. */
interface Specs {
  readonly ConfigMap: unknown;
  readonly Secret: unknown;
  readonly ServiceAccount: unknown;
  readonly Deployment: { readonly replicas?: number; readonly selector: Selector };
  readonly Service: {
    readonly selector: Labels;
    readonly ports: readonly { readonly name: string; readonly targetPort: string }[];
  };
  readonly Ingress: { readonly rules: readonly { readonly http: { readonly paths: Path[] } }[] };
  readonly PodDisruptionBudget: { readonly selector: Selector };
  readonly PodMonitor: { readonly selector: Selector };
  readonly NetworkPolicy: Policy;
  readonly HorizontalPodAutoscaler: {
    readonly scaleTargetRef: { readonly name: string };
    readonly maxReplicas: number;
  };
  readonly ScaledObject: {
    readonly scaleTargetRef: { readonly name: string };
    readonly maxReplicaCount: number;
    readonly triggers: readonly { readonly metadata: { readonly query: string } }[];
  };
}

/** The names and specs of the objects of a kind. */
export function ofKind<Kind extends keyof Specs>(
  manifests: readonly Manifest[],
  kind: Kind,
): { readonly name: string; readonly spec: Specs[Kind] }[] {
  return manifests
    .filter((one) => one.kind === kind)
    .map(({ metadata, spec }) => ({ name: metadata.name, spec: spec as Specs[Kind] }));
}

/** The autoscalers of either kind: the Deployment that each scales, and its most replicas. */
export function scalersIn(manifests: readonly Manifest[]) {
  return [
    ...ofKind(manifests, 'HorizontalPodAutoscaler').map(({ spec }) => ({
      target: spec.scaleTargetRef.name,
      most: spec.maxReplicas,
    })),
    ...ofKind(manifests, 'ScaledObject').map(({ spec }) => ({
      target: spec.scaleTargetRef.name,
      most: spec.maxReplicaCount,
    })),
  ];
}

/** Everything that runs pods: Deployments, Jobs, and the Pods themselves. */
export function workloadsIn(manifests: readonly Manifest[]): Workload[] {
  return manifests.flatMap(({ kind, metadata: { name, labels = {} }, spec }) => {
    if (kind === 'Pod') return [{ kind, name, labels, pod: spec as PodSpec }];
    if (kind !== 'Deployment' && kind !== 'Job') return [];
    const { template } = spec as { template: { metadata: { labels: Labels }; spec: PodSpec } };
    return [{ kind, name, labels: template.metadata.labels, pod: template.spec }];
  });
}

/** True if the selector selects what has these labels. */
export function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels) {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      if (operator === 'Exists') return key in labels;
      return operator === 'In' && values.includes(labels[key] ?? '');
    })
  );
}

/** The Secrets: keys and their values by name. */
export type Secrets = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * The environment of a workload's container. A variable that is the path of a mounted key gets the
 * content, which the processes accept in its place; a missing reference gives no variable.
 */
export function environmentOf(
  { pod }: Workload,
  manifests: readonly Manifest[],
  secrets: Secrets,
): Record<string, string> {
  const [{ env = [], envFrom = [] }] = pod.containers;
  const configMap = (name: string) =>
    manifests.find((one) => one.kind === 'ConfigMap' && one.metadata.name === name)?.data ?? {};
  const from = envFrom.map(({ configMapRef, secretRef }) =>
    configMapRef ? configMap(configMapRef.name) : (secrets[secretRef?.name ?? ''] ?? {}),
  );
  const files = mountedKeys(pod, secrets);
  const own = env.flatMap(({ name, value, valueFrom }) => {
    const { secretKeyRef: { name: secret, key } = { name: '', key: '' } } = valueFrom ?? {};
    const found = value === undefined ? secrets[secret]?.[key] : (files[value] ?? value);
    return found === undefined ? [] : [[name, found] as const];
  });
  return Object.assign({}, ...from, Object.fromEntries(own));
}

/** The content of each file that a pod gets from a Secret, by its path. */
function mountedKeys({ containers, volumes = [] }: PodSpec, secrets: Secrets) {
  const [{ volumeMounts = [] }] = containers;
  const files = volumeMounts.flatMap(({ name, mountPath }) => {
    const secret = volumes.find((volume) => volume.name === name)?.secret;
    return (secret?.items ?? []).map(({ key, path }) => [
      `${mountPath}/${path}`,
      secrets[secret?.secretName ?? '']?.[key],
    ]);
  });
  return Object.fromEntries(files) as Readonly<Record<string, string | undefined>>;
}
