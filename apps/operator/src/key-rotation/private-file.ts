// A file with keys in it, replaced as a whole or not at all: whoever reads it sees the old one or
// the new one, also after a crash.
import { constants } from 'node:fs';
import {
  access,
  type FileHandle,
  open,
  readFile,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { dirname } from 'node:path';

/** Readable by its owner, and by its group where it was before; never by others. */
const OWNER_ONLY = 0o600;
const GROUP_READS = 0o040;

/** One name, so that what a killed run left behind is found by the next. */
const unfinished = (path: string): string => `${path}.unfinished`;

/** Rejects unless the file can be read and be replaced by this process. */
export async function checkReplaceable(path: string): Promise<void> {
  const target = await realpath(path);
  await access(target, constants.R_OK);
  await access(dirname(target), constants.W_OK | constants.X_OK);
}

/** Removes what a run that was killed while it wrote left behind; it may hold a private key. */
export async function removeUnfinished(path: string): Promise<void> {
  await rm(unfinished(await realpath(path)), { force: true });
}

/**
 * Replaces the file's content, if it still is `before`; false when somebody else has changed it. It
 * keeps its owner and group, and whether its group may read it, because the process that reads it
 * may be another user than the operator.
 */
export async function replaceFile(path: string, before: string, after: string): Promise<boolean> {
  const target = await realpath(path);
  const temporary = unfinished(target);
  await rm(temporary, { force: true });
  const { uid, gid, mode } = await stat(target);
  const file = await open(temporary, 'wx', OWNER_ONLY);
  try {
    await file.writeFile(after);
    await giveTo(file, { uid, gid });
    await file.chmod(OWNER_ONLY | (mode & GROUP_READS));
    await file.sync();
  } finally {
    await file.close();
  }
  if ((await readFile(target, 'utf8')) !== before) {
    await rm(temporary, { force: true });
    return false;
  }
  await rename(temporary, target);
  await syncFolder(dirname(target));
  return true;
}

/** Only root may give files away, and only where there is something to give. */
async function giveTo(
  file: FileHandle,
  { uid, gid }: { readonly uid: number; readonly gid: number },
): Promise<void> {
  const mine = await file.stat();
  if (mine.uid !== uid || mine.gid !== gid) await file.chown(uid, gid);
}

/** Without it, a power failure can take the rename back. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
