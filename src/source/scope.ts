import type { SourceModule } from './source-module.js';
import type { SyntaxNode } from './syntax.js';

/** Where names mean something: a module, function, class or block. */
export interface Scope {
  readonly module: SourceModule;
  readonly parent: Scope | undefined;
  readonly names: Map<string, Binding>;
  /** The class that `this` is an instance of. */
  readonly within: SyntaxNode | undefined;
  /** Whether `var` ends up here. */
  readonly isFunction: boolean;
}

/** What a name was declared as. */
export type Binding =
  | { readonly kind: 'import'; readonly specifier: string; readonly name: string; readonly scope: Scope }
  | VariableBinding
  | ParameterBinding
  | { readonly kind: 'function' | 'class' | 'enum'; readonly node: SyntaxNode; readonly scope: Scope }
  | { readonly kind: 'unknown' };

export interface VariableBinding {
  readonly kind: 'variable';
  readonly isConst: boolean;
  readonly init: SyntaxNode | undefined;
  /** The members that destructuring takes of the initial value. */
  readonly path: readonly string[];
  readonly annotation: SyntaxNode | undefined;
  /** What it is each element of: `KEYS` in `for (const key of KEYS)`. */
  readonly each: SyntaxNode | undefined;
  readonly scope: Scope;
}

export interface ParameterBinding {
  readonly kind: 'parameter';
  /** The function. */
  readonly of: SyntaxNode;
  readonly index: number;
  readonly path: readonly string[];
  /** Whether the function has no name to call it by: it is written as an argument. */
  readonly isCallback: boolean;
  readonly annotation: SyntaxNode | undefined;
  readonly decorators: readonly SyntaxNode[];
  readonly each: SyntaxNode | undefined;
  readonly scope: Scope;
}

/** What a name means here; `undefined`: nothing of this file, as `process`. */
export function lookUp(name: string, scope: Scope): Binding | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    const binding = at.names.get(name);
    if (binding !== undefined) return binding;
  }
  return undefined;
}
