import { extname } from 'node:path';
import { type ParserPlugin, parse } from '@babel/parser';
import type { SyntaxNode } from '../../source/syntax.js';

/** The files that are read as source code, by their endings. */
export const SOURCE_ENDINGS: readonly string[] = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'];

export const isSource = (file: string): boolean => SOURCE_ENDINGS.includes(extname(file)) && !file.endsWith('.d.ts');

/**
 * A file's tree. What only a compiler would refuse is let pass: names declared twice, `return` outside of a function.
 * @throws SyntaxError if it can't be read at all
 */
export function parseSource(file: string, text: string): SyntaxNode {
  return parseFile(file, text).program;
}

/** What was let pass in a file, each by the parser's name for it. */
export function faultsOf(file: string, text: string): readonly string[] {
  return (parseFile(file, text).errors ?? []).map(({ reasonCode }) => reasonCode);
}

function parseFile(file: string, text: string): ReturnType<typeof parse> {
  return parse(text, {
    sourceType: 'unambiguous',
    errorRecovery: true,
    allowAwaitOutsideFunction: true,
    allowImportExportEverywhere: true,
    allowReturnOutsideFunction: true,
    allowSuperOutsideMethod: true,
    allowUndeclaredExports: true,
    attachComment: false,
    plugins: [['estree', { classFeatures: true }], 'decorators-legacy', 'decoratorAutoAccessors', ...dialectOf(file)],
  });
}

function dialectOf(file: string): readonly ParserPlugin[] {
  switch (extname(file)) {
    case '.ts':
    case '.mts':
    case '.cts':
      return ['typescript'];
    case '.tsx':
      return ['typescript', 'jsx'];
    // Types of Flow are read where a file says that it has them.
    default:
      return ['jsx', 'flow'];
  }
}
