import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** Where other projects' suites may be: `$CONFORMANCE_DIR`, then a checkout beside this project. */
const places = [process.env['CONFORMANCE_DIR'], join(projectRoot, '../shared/conformance')];

/** The folder of one suite; `undefined` where nobody has put it. */
export function findSuiteFolder(name: string): string | undefined {
  const folders = places.flatMap((place) => (place ? [join(place, name)] : []));
  return folders.find((folder) => existsSync(folder));
}

/** What is missing, for people. */
export function describeMissingSuite(name: string): string {
  return `${name}: no suite at $CONFORMANCE_DIR/${name} or ../shared/conformance/${name}`;
}
