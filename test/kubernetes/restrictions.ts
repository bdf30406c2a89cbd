// Pods that may do no more than those of docker-compose.yml, and stop no sooner than their process.
import { isDeepStrictEqual as isSame } from 'node:util';
import { IMAGE_USER } from '../image/container.js';
import { type Manifest, ofKind, workloadsIn } from './manifests.js';

const POD = {
  runAsNonRoot: true,
  runAsUser: IMAGE_USER,
  runAsGroup: IMAGE_USER,
  seccompProfile: { type: 'RuntimeDefault' },
};
const CONTAINER = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/** Restrictions that an object lacks. */
export function restrictionFaults(manifests: readonly Manifest[]): string[] {
  const workloads = workloadsIn(manifests);
  const images = new Set(workloads.map(({ pod }) => pod.containers[0].image));
  return [
    ...workloads.flatMap(({ name, kind, pod }) => {
      const [{ securityContext, resources }, ...others] = pod.containers;
      const { fsGroup, ...context } = { ...(pod.securityContext as { fsGroup?: number }) };
      // Others than its owner can read a ConfigMap.
      const hasKeys = pod.volumes?.some(({ secret }) => secret !== undefined) ?? false;
      const { requests, limits } = { ...(resources as Record<string, Record<string, string>>) };
      return [
        isSame(context, POD) ? '' : 'securityContext of the pod',
        isSame(securityContext, CONTAINER) ? '' : 'securityContext of the container',
        (fsGroup === IMAGE_USER) === hasKeys || kind === 'Deployment' ? '' : 'fsGroup',
        pod.automountServiceAccountToken === false ? '' : 'automountServiceAccountToken',
        requests?.['cpu'] && requests['memory'] && limits?.['memory'] ? '' : 'resources',
        kind !== 'Deployment' || pod.topologySpreadConstraints?.length === 2 ? '' : 'spread',
        others.length === 0 ? '' : 'a single container',
      ]
        .filter((missing) => missing !== '')
        .map((missing) => `${name} lacks ${missing}`);
    }),
    ...manifests
      .filter((one) => one.kind === 'ServiceAccount' && one.automountServiceAccountToken !== false)
      .map(({ metadata }) => `the account ${metadata.name} mounts its token`),
    ...ofKind(manifests, 'Secret').map(({ name }) => `the Secret ${name} is in the repository`),
    ...(images.size === 1 ? [] : [`there are ${images.size} images`]),
  ];
}
