import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseExpression } from '@babel/parser';
import { memberName, nodeOf, nodesOf, type SyntaxNode, textOf } from '../../source/syntax.js';

/** The paths that an import of no relative file may mean, in the order in which they are tried. */
export type PathAliases = (specifier: string) => readonly string[];

/** What `paths` of a folder's `tsconfig.json` says; what that extends isn't looked at. Without such a file: nothing. */
export function pathAliases(cwd: string): PathAliases {
  const file = resolve(cwd, 'tsconfig.json');
  const options = member(readLenient(file), 'compilerOptions');
  const base = resolve(dirname(file), textOf(member(options, 'baseUrl'), 'value') ?? '.');
  const aliases = nodesOf(member(options, 'paths'), 'properties').map((property) => ({
    pattern: memberName(property) ?? '',
    targets: nodesOf(nodeOf(property, 'value'), 'elements').map((element) => textOf(element, 'value') ?? ''),
  }));
  return (specifier) =>
    aliases.flatMap(({ pattern, targets }) => {
      const rest = matched(pattern, specifier);
      return rest === undefined
        ? []
        : targets.map((target) =>
            resolve(
              base,
              target.replace('*', () => rest),
            ),
          );
    });
}

/** What the `*` of a pattern stands for in a text; `undefined` if it doesn't match. */
function matched(pattern: string, text: string): string | undefined {
  const star = pattern.indexOf('*');
  if (star === -1) return pattern === text ? '' : undefined;
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  const isMatch = text.length >= pattern.length - 1 && text.startsWith(before) && text.endsWith(after);
  return isMatch ? text.slice(before.length, text.length - after.length) : undefined;
}

/** JSON as TypeScript has it, with comments and commas at the end: an expression of JavaScript. */
function readLenient(file: string): SyntaxNode | undefined {
  try {
    return parseExpression(readFileSync(file, 'utf8'), { plugins: ['estree'] });
  } catch {
    return undefined;
  }
}

function member(object: SyntaxNode | undefined, name: string): SyntaxNode | undefined {
  return nodeOf(
    nodesOf(object, 'properties').find((property) => memberName(property) === name),
    'value',
  );
}
