import type { Binding, Scope } from './scope.js';
import type { SourceModule } from './source-module.js';
import type { SyntaxNode } from './syntax.js';

/** What can be said of a value without running the program. Where nothing can be said, functions return `undefined`. */
export type StaticValue =
  | { readonly kind: 'text'; readonly text: string }
  /** One of these. */
  | { readonly kind: 'choice'; readonly of: readonly StaticValue[] }
  | { readonly kind: 'list'; readonly of: readonly StaticValue[] }
  /** An object, class or function written in the project. */
  | Written<'object'>
  | Written<'enum'>
  | Written<'class'>
  | Written<'function'>
  /** Of a class of the project. */
  | Written<'instance'>
  /** All exports of a file of the project. */
  | { readonly kind: 'namespace'; readonly module: SourceModule }
  /** What a package exports under a name; `*` is all of it. */
  | { readonly kind: 'imported'; readonly from: string; readonly name: string }
  /** What a call of that returned, or an instance of it. */
  | { readonly kind: 'made'; readonly from: string; readonly name: string }
  /** Known, and nothing that flags could have to do with: a number, a regular expression. */
  | { readonly kind: 'other' };

/** What is written in the project: where, and where names in it mean something. */
export interface Written<Kind extends string> {
  readonly kind: Kind;
  readonly node: SyntaxNode;
  readonly scope: Scope;
}

/** What has been found out about names, so that it is found out once. One for each run over a project. */
export type Known = Map<Binding, StaticValue | undefined>;

/** The texts that a value may be, if these are all known. */
export function textsOf(value: StaticValue | undefined): readonly string[] | undefined {
  if (value?.kind === 'text') return [value.text];
  if (value?.kind !== 'choice') return undefined;
  const texts = value.of.map(textsOf);
  return texts.every((some) => some !== undefined) ? [...new Set(texts.flat())] : undefined;
}
