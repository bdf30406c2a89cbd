// The restrictions of a container without an engine: Linux namespaces, by util-linux. They are
// those of docker-compose.yml: a read-only file system, a user who is not root, no capabilities and
// no way to gain them, no core file.
import { spawnSync } from 'node:child_process';

/** A program and its arguments. */
export interface CommandLine {
  readonly program: string;
  readonly args: readonly string[];
}

/** The user `node` of the official images. */
export const IMAGE_USER = 1000;

// A mount that cannot be made read-only (of the kernel's own kinds) takes no files.
const SCRIPT = `
ulimit -c 0
while read -r _ place _; do mount -o remount,ro,bind "$place" 2>/dev/null || true; done < /proc/self/mounts
cd "$1"; shift
exec setpriv USER --inh-caps=-all --bounding-set=-all --no-new-privs "$@"`;

const isRoot = process.getuid?.() === 0;

/**
 * The command line that runs `command` in `folder` under the restrictions; with `isFirst`, as
 * process 1 of its own.
 */
export function inContainer(
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

/**
 * True when this machine supports the restrictions: Linux does, unless unprivileged users may not
 * create namespaces.
 */
export function canContain(): boolean {
  const { program, args } = inContainer('/', ['true']);
  return spawnSync(program, args).status === 0;
}
