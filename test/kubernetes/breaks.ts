// Changes to the manifests that the checks have to notice.

/** Title, a place in the rendered overlay `keda`, its replacement, and a part of the fault. */
export const BREAKS: readonly (readonly [string, string | RegExp, string, string])[] = [
  ['an unknown field', 'minReadySeconds', 'minReadySecond', 'minReadySecond'],
  ['a field of the wrong type', 'maxSurge: 1', 'maxSurge: [1]', 'Deployment api'],
  ['a field of KEDA that does not exist', 'minReplicaCount', 'minReplicas', 'ScaledObject worker'],
  ['a kind without its required field', 'scaleTargetRef', 'scaleTarget', 'scaleTarget'],
  [
    'a ConfigMap that does not exist',
    /name: api-\w+\n {8}image/,
    'name: x\n        image',
    'ConfigMap x',
  ],
  ['a setting that no process reads', 'API_HTTPS_ONLY', 'API_HTTP_ONLY', 'does not read'],
  ['a setting with a wrong value', 'API_HTTPS_ONLY: "true"', 'API_HTTPS_ONLY: "yes"', 'API_HTTPS'],
  ['a Secret without the key', 'key: DATABASE_URL', 'key: DB', 'Secret api/DB is missing'],
  [
    'a role of another process',
    /name: api$(?=\n {8}- name: REDIS)/m,
    'name: worker',
    'api/DATABASE',
  ],
  ['a key set at another path', 'value: /run/keys', 'value: /keys', 'file /keys/keyset.json'],
  ['a port that the app does not use', 'containerPort: 3003', 'containerPort: 3004', 'listens on'],
  [
    'a probe of an unknown port',
    /path: \/livez\n +port: http/,
    'path: /livez\n            port: web',
    'Probe',
  ],
  [
    'a Service of no pod',
    /selector:\n {4}app.kubernetes.io\/name: api/,
    'selector:\n    app: api',
    'Service api',
  ],
  [
    'a writable file system',
    'readOnlyRootFilesystem: true',
    'readOnlyRootFilesystem: false',
    'lacks',
  ],
  ['root', 'runAsUser: 1000', 'runAsUser: 0', 'api lacks securityContext of the pod'],
  ['a token', 'automountServiceAccountToken: false', 'automountServiceAccountToken: true', 'token'],
  ['a stop that is cut short', 'STOP_LIMIT_MS: "35000"', 'STOP_LIMIT_MS: "60000"', 'killed after'],
  [
    'two deciders',
    'minReadySeconds',
    'replicas: 3\n  minReadySeconds',
    '2 decide about the replicas of api',
  ],
  [
    'a policy that opens everything',
    /to:\n {4}- podSelector:\n {8}matchLabels:\n {10}app.kubernetes.io\/name: redis/,
    'to: []',
    'api to everybody TCP 6379 is not needed',
  ],
  ['a policy for the wrong port', 'port: 6379', 'port: 6380', 'redis TCP 6379 is denied'],
  [
    'no policy that denies by default',
    'policyTypes:\n  - Ingress\n  - Egress',
    'policyTypes:\n  - Egress',
    'denies everything',
  ],
  [
    'a gateway for others too',
    /name: gateway(?<between>[^]*?)name: worker/,
    'name: gateway$<between>name: api',
    'api to public TCP 443 is not needed',
  ],
  ['a Secret in the repository', 'kind: ConfigMap', 'kind: Secret', 'is in the repository'],
  ['another image', 'quittance:0.1.0', 'quittance:latest', 'there are 2 images'],
];
