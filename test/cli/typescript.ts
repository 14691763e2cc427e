import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
  config: { compilerOptions: object };
};
const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);

/** What the compiler and an editor say of one source. */
export interface Said {
  /** Each as `LINE: what is wrong`. */
  readonly errors: readonly string[];
  /** The lines that an editor strikes something through on. */
  readonly deprecated: readonly number[];
  /** What an editor shows of the type of a name. */
  readonly typeOf: (name: string) => string;
}

const documents = ts.createDocumentRegistry();

/**
 * Compiles a source of a service that uses `halyard`, beside a file of types, as an editor does.
 *
 * @param typings the text of `flags.d.ts`; `undefined`: there is none
 */
export function compile(source: string, typings: string | undefined): Said {
  const app = join(root, 'examples', 'made-app.ts');
  const made = new Map([[app, source]]);
  if (typings !== undefined) made.set(join(root, 'examples', 'made-flags.d.ts'), typings);
  const service = ts.createLanguageService(hostOf(made), documents);
  const file = service.getProgram()?.getSourceFile(app);
  const lineOf = ({ start }: ts.Diagnostic): number =>
    (file?.getLineAndCharacterOfPosition(start ?? 0).line ?? Number.NaN) + 1;
  return {
    errors: [...service.getSyntacticDiagnostics(app), ...service.getSemanticDiagnostics(app)].map(
      (found) => `${lineOf(found)}: ${ts.flattenDiagnosticMessageText(found.messageText, '\n')}`,
    ),
    deprecated: service
      .getSuggestionDiagnostics(app)
      .filter(({ reportsDeprecated }) => reportsDeprecated !== undefined)
      .map(lineOf),
    typeOf: (name) =>
      ts.displayPartsToString(service.getQuickInfoAtPosition(app, source.indexOf(`const ${name} `) + 6)?.displayParts),
  };
}

function hostOf(made: ReadonlyMap<string, string>): ts.LanguageServiceHost {
  const read = (path: string): string | undefined => made.get(path) ?? ts.sys.readFile(path);
  return {
    getCompilationSettings: () => ({ ...options, rootDir: root, noUnusedLocals: false }),
    getScriptFileNames: () => [...made.keys()],
    getScriptVersion: (path) => made.get(path) ?? '',
    getScriptSnapshot: (path) => {
      const text = read(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => root,
    getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
    fileExists: (path) => made.has(path) || ts.sys.fileExists(path),
    readFile: read,
    directoryExists: (path) => ts.sys.directoryExists(path),
    getDirectories: (path) => [...ts.sys.getDirectories(path)],
    realpath: (path) => ts.sys.realpath?.(path) ?? path,
  };
}
