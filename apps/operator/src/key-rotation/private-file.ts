// Replaces a key file atomically: a reader sees the old content or the new one, even after a crash.
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

/** Readable by its owner, and by its group if it was before; never by others. */
const OWNER_ONLY = 0o600;
const GROUP_READS = 0o040;

/** One fixed name, so that a run finds what a killed one left behind. */
const unfinished = (path: string): string => `${path}.unfinished`;

/** Rejects unless the file can be read and be replaced by this process. */
export async function checkReplaceable(path: string): Promise<void> {
  const target = await realpath(path);
  await access(target, constants.R_OK);
  await access(dirname(target), constants.W_OK | constants.X_OK);
}

/** Removes the temporary file of a run that was killed while writing; it may hold a private key. */
export async function removeUnfinished(path: string): Promise<void> {
  await rm(unfinished(await realpath(path)), { force: true });
}

/**
 * Replaces the file's content if it still is `before`. Returns false when it has changed. The
 * file's owner, group and group-read permission stay, because the process that reads it may run as
 * another user than the operator.
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

/**
 * Gives the file the owner and group of the old one if they differ; only root may change the owner.
 */
async function giveTo(
  file: FileHandle,
  { uid, gid }: { readonly uid: number; readonly gid: number },
): Promise<void> {
  const mine = await file.stat();
  if (mine.uid !== uid || mine.gid !== gid) await file.chown(uid, gid);
}

/** Syncs the folder; otherwise a power failure could undo the rename. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
