import { areaFiles } from './area-files.js';
import { planted, type PlantedRead } from './planted.js';
import { randomFrom } from './random.js';

/** A made-up shop as its team would write it, and every place where it reads a flag. */
export interface FixtureProject {
  /** Texts by path, with flags.yaml, package.json and tsconfig.json. */
  readonly files: ReadonlyMap<string, string>;
  readonly reads: readonly PlantedRead[];
  /** Keys that flags.yaml defines. */
  readonly defined: readonly string[];
  /** Of these, those that nothing reads. */
  readonly unused: readonly string[];
}

/**
 * The same project for the same seed.
 * @param areas how many parts the shop has; each is ten files of source code
 */
export function generateProject({ seed = 1, areas = 32 } = {}): FixtureProject {
  const random = randomFrom(seed);
  const files = new Map<string, string>();
  const reads: PlantedRead[] = [];
  for (let index = 0; index < areas; index++) {
    for (const [file, marked] of areaFiles(`area${index}`, random)) {
      const { text, reads: some } = planted(file, marked);
      files.set(file, text);
      reads.push(...some);
    }
  }
  const read = new Set(reads.flatMap(({ key }) => (key === undefined || key.endsWith('-missing') ? [] : key)));
  const unused = ['forgotten-banner', 'old-prices'];
  const defined = [...read, ...unused].toSorted();
  files.set('flags.yaml', flagsOf(defined));
  files.set('package.json', JSON.stringify({ name: 'fixture-shop', private: true, type: 'module' }, undefined, 2));
  files.set('tsconfig.json', TSCONFIG);
  files.set('src/packages.d.ts', PACKAGES);
  return { files, reads, defined, unused };
}

const flagsOf = (keys: readonly string[]): string =>
  ['version: 1', 'flags:', ...keys.map((key) => `  ${key}:\n    created: 2026-01-01\n    serve: on`)].join('\n') + '\n';

const TSCONFIG = `{
  // As its team wrote it.
  "compilerOptions": {
    "strict": true,
    "target": "ES2022",
    "module": "ESNext",
    "moduleResolution": "Bundler",
    "experimentalDecorators": true,
    "noEmit": true,
    "skipLibCheck": true,
    "types": ["node"],
    "paths": { "@shop/*": ["./src/*"] },
  },
  "include": ["src"],
}
`;

/** What the shop uses that isn't installed here. */
const PACKAGES = `declare module 'schema-kit' {
  export const z: { string(name?: string): unknown; number(name?: string): unknown; object(shape: object): unknown; boolean(name?: string): unknown };
}
declare module 'low-dash' {
  const _: { string(text: string): string; object(text: string): object; details(text: string): string };
  export default _;
}
declare module 'arg-kit' {
  export default function args(argv: readonly string[]): { boolean(name: string): boolean; string(name: string): string };
}
`;
