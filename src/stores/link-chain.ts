import { lstat, readlink } from 'node:fs/promises';
import { dirname, join, parse, resolve, sep } from 'node:path';

/** A name in a folder whose change can change what a path leads to. */
export interface Place {
  readonly folder: string;
  readonly name: string;
}

/** Linux gives up at 40 links too. */
const maxLinks = 40;

/**
 * Everything that decides what `path` leads to: each symbolic link on the way, and the file itself. Kubernetes mounts
 * `flags.yaml → ..data/flags.yaml` and `..data → ..2027_01_10`, and replaces only `..data`. Where a part is missing, the
 * last place is the one where it would appear.
 */
export async function linkChain(path: string): Promise<readonly Place[]> {
  const places: Place[] = [];
  let { root: folder } = parse(resolve(path));
  let rest = partsOf(path, folder);
  for (let links = 0; rest.length > 0 && links <= maxLinks;) {
    const [name = '', ...next] = rest;
    const current = join(folder, name);
    const found = await lstat(current).catch(() => undefined);
    const isLink = found?.isSymbolicLink() ?? false;
    if (found === undefined || isLink || next.length === 0) places.push({ folder, name });
    if (found === undefined) break;
    if (!isLink) {
      folder = current;
      rest = next;
      continue;
    }
    links += 1;
    const target = resolve(dirname(current), await readlink(current).catch(() => ''));
    folder = parse(target).root;
    rest = [...partsOf(target, folder), ...next];
  }
  return places;
}

function partsOf(path: string, root: string): readonly string[] {
  return resolve(path)
    .slice(root.length)
    .split(sep)
    .filter((part) => part !== '');
}
