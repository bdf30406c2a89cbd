// The walls of a container without an engine: Linux namespaces, by util-linux. What docker-compose.yml demands of one: nothing can be
// written, the user is not root, no capability is left or can be gained, no core file.
import { spawnSync } from 'node:child_process';

/** A program and its arguments. */
export interface CommandLine {
  readonly program: string;
  readonly args: readonly string[];
}

/** The user `node` of the official images. */
export const IMAGE_USER = 1000;

// A mount that cannot be made read-only (of the kernel's own kinds) takes no files either.
const SCRIPT = `
ulimit -c 0
while read -r _ place _; do mount -o remount,ro,bind "$place" 2>/dev/null || true; done < /proc/self/mounts
cd "$1"; shift
exec setpriv USER --inh-caps=-all --bounding-set=-all --no-new-privs "$@"`;

const isRoot = process.getuid?.() === 0;

/** Runs `command` in `folder` behind the walls; as the first process of its own where `isFirst`. */
export function behindWalls(
  folder: string,
  command: readonly string[],
  { isFirst = false } = {},
): CommandLine {
  const user = isRoot ? `--reuid=${IMAGE_USER} --regid=${IMAGE_USER} --clear-groups` : '';
  const namespaces = [
    '--mount',
    ...(isRoot ? [] : ['--map-root-user']),
    ...(isFirst ? ['--pid', '--fork', '--kill-child', '--mount-proc'] : []),
  ];
  const script = SCRIPT.replace('USER', user);
  return {
    program: 'unshare',
    args: [...namespaces, 'sh', '-ec', script, 'sh', folder, ...command],
  };
}

/** Whether this machine lets us build them: Linux does, unless unprivileged users may make no namespaces. */
export function canBuildWalls(): boolean {
  const { program, args } = behindWalls('/', ['true']);
  return spawnSync(program, args).status === 0;
}
