import { dirname, join, parse, resolve } from 'node:path';

/** Where a file store's files are, as absolute paths: the process may change its working directory. */
export interface FileLocations {
  /** Each document as the user named it, and where it is. */
  readonly documents: readonly { readonly name: string; readonly path: string }[];
  readonly state: string;
  readonly lock: string;
  readonly audit: string | undefined;
  readonly leases: string;
}

/**
 * `flags.yaml` has its state in `flags.state.json`, its audit trail in `flags.audit.jsonl` and leases in
 * `flags.leases.json`; of several documents, the last one gives the name. The trail, the leases and the lock lie beside the
 * state, in the folder that can be written.
 *
 * @throws TypeError if there is no document, or the state would overwrite one.
 */
export function locateFiles(
  names: readonly string[],
  options: { readonly state?: string | undefined; readonly audit?: string | false | undefined },
): FileLocations {
  const last = names.at(-1);
  if (last === undefined) {
    throw new TypeError('fileStore: paths must name at least one file, such as "flags.yaml".');
  }
  const documents = names.map((name) => ({ name, path: resolve(name) }));
  const state = resolve(options.state ?? sibling(last, '.state.json'));
  const audit = options.audit === false ? undefined : resolve(options.audit ?? sibling(state, '.audit.jsonl'));
  const leases = sibling(state, '.leases.json');
  const clash = documents.find(({ path }) => [state, audit, leases].includes(path));
  if (clash !== undefined) {
    const others = 'the state, the audit or the leases file';
    throw new TypeError(`fileStore: ${clash.name} is a flag document, so it can't be ${others} too.`);
  }
  return { documents, state, lock: `${state}.lock`, audit, leases };
}

function sibling(path: string, ending: string): string {
  return join(dirname(path), `${parse(path).name.replace(/\.state$/, '')}${ending}`);
}
