import type { FlagRead } from '../flag-read.js';
import { evaluateExpression } from '../evaluate-expression.js';
import type { SourceModule } from '../source-module.js';
import { bare, fieldOf, isFunction, lastName, nodeOf, nodesOf, type SyntaxNode, textOf } from '../syntax.js';
import { changesSomething, literalOf } from './side-effects.js';

/** A value of a flag: whatever JSON can say. */
export type AnswerValue = string | number | boolean | null | readonly AnswerValue[] | AnswerObject;

export interface AnswerObject {
  readonly [name: string]: AnswerValue;
}

/** What a flag answers for good. */
export type Winner =
  | { readonly type: 'value'; readonly value: AnswerValue }
  /** Each read gives its own default. */
  | { readonly type: 'default' };

/** What a read is from now on. */
export interface ReadAnswer {
  /** `undefined`: what `fallback` is. */
  readonly value: AnswerValue | undefined;
  /** The default that the read says, where it is the answer and no literal. */
  readonly fallback: SyntaxNode | undefined;
  /** Whether the value comes as a promise. */
  readonly isPromise: boolean;
}

/** What a read gives from now on, or why nobody can tell. */
export function answerOf(read: FlagRead, winner: Winner, module: SourceModule): ReadAnswer | string {
  const { kind, node } = read;
  const form = formOf(read, module);
  if (form === undefined) return reasons[kind] ?? 'What it does with the answer is not known.';
  const args = nodesOf(node, 'arguments');
  if (args.some(changesSomething)) return 'Its arguments change something: take them out of the call first.';
  const isWanted = winner.type === 'value' && isOfType(winner.value, form.type);
  if (isWanted) return { value: winner.value, fallback: undefined, isPromise: form.isPromise };
  // A value of another type is never given out: the caller gets its default.
  const fallback = form.fallback;
  const literal = fallback && literalOf(bare(fallback));
  if (literal !== undefined) return { value: literal, fallback: undefined, isPromise: form.isPromise };
  const isWrittenHere = fallback !== undefined && kind !== 'wrapper';
  if (!isWrittenHere || form.isPromise) return 'Everyone gets the default, which is not written here.';
  return { value: undefined, fallback, isPromise: false };
}

const reasons: Readonly<Record<string, string>> = {
  details: '`details()` asks for more than the value: write down what its reader needs.',
  explain: '`explain()` asks why the flag decides: without the flag there is nothing to explain.',
  protect: '`protect()` guards a call with the flag: call the function itself, or keep the flag.',
  rollout: 'It steers a rollout of the flag, which ends with the flag.',
  override: 'It overrides the flag, which ends with the flag.',
  kill: 'It kills the flag, which ends with the flag.',
  restore: 'It restores the flag, which ends with the flag.',
  wrapper: 'A function of your own reads the flag and does more than give its answer, or cannot be seen.',
};

type ValueType = 'boolean' | 'string' | 'number' | 'object';

interface ReadForm {
  readonly type: ValueType;
  readonly fallback: SyntaxNode | undefined;
  readonly isPromise: boolean;
}

function formOf({ kind, node }: FlagRead, module: SourceModule): ReadForm | undefined {
  const callee = nodeOf(node, 'callee');
  const fallback = nodesOf(node, 'arguments')[1];
  switch (kind) {
    case 'boolean':
    case 'string':
    case 'number':
    case 'object':
      return { type: kind, fallback, isPromise: false };
    case 'openfeature': {
      const type = openFeatureType(callee);
      return type && { type, fallback, isPromise: true };
    }
    case 'wrapper':
      return callee && wrappedForm(callee, module);
    default:
      return undefined;
  }
}

function openFeatureType(callee: SyntaxNode | undefined): ValueType | undefined {
  const name = callee && lastName(bare(callee));
  const [, type] = /^get(Boolean|String|Number|Object)Value$/.exec(name ?? '') ?? [];
  return type?.toLowerCase() as ValueType | undefined;
}

/** What a function gives that does nothing but read a flag: `(key) => halyard.boolean(key, false)`. */
function wrappedForm(callee: SyntaxNode, module: SourceModule): ReadForm | undefined {
  const value = evaluateExpression(bare(callee), scopeFor(callee, module), new Map());
  if (value?.kind !== 'function' || fieldOf(value.node, 'generator') === true) return undefined;
  const given = onlyResult(value.node);
  // `current?.boolean(key, false) ?? false`
  const asked =
    given?.type === 'LogicalExpression' && textOf(given, 'operator') === '??' ? nodeOf(given, 'left') : given;
  const call = asked && bare(asked);
  const called = nodeOf(call, 'callee');
  if (call?.type !== 'CallExpression' || called === undefined) return undefined;
  const name = lastName(bare(called)) ?? '';
  const openFeature = openFeatureType(called);
  const type = openFeature ?? (valueTypes.has(name) ? (name as ValueType) : undefined);
  if (type === undefined) return undefined;
  const isPromise = openFeature !== undefined || fieldOf(value.node, 'async') === true;
  return { type, fallback: nodesOf(call, 'arguments')[1], isPromise };
}

const valueTypes: ReadonlySet<string> = new Set(['boolean', 'string', 'number', 'object']);

/** The innermost scope that holds a node. */
function scopeFor(node: SyntaxNode, module: SourceModule): SourceModule['root'] {
  let found = module.root;
  const range = (of: SyntaxNode) => of as unknown as { readonly start: number; readonly end: number };
  for (const [owner, scope] of module.scopes) {
    if (range(owner).start <= range(node).start && range(node).end <= range(owner).end) found = scope;
  }
  return found;
}

/** What a function returns, if returning it is all that it does. */
export function onlyResult(node: SyntaxNode): SyntaxNode | undefined {
  if (!isFunction(node)) return undefined;
  const body = nodeOf(node, 'body');
  if (body?.type !== 'BlockStatement') return body;
  const [statement, ...others] = nodesOf(body, 'body');
  return others.length === 0 && statement?.type === 'ReturnStatement' ? nodeOf(statement, 'argument') : undefined;
}

function isOfType(value: AnswerValue, type: ValueType): boolean {
  return type === 'object' ? typeof value === 'object' && value !== null : typeof value === type;
}

/** A value as source code. */
export function literalText(value: AnswerValue, quote: string): string {
  if (typeof value !== 'string' || quote === '"') return JSON.stringify(value);
  return `${quote}${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll(quote, `\\${quote}`)}${quote}`;
}

/** The quotes in which reads say their keys. */
export function quoteOf(reads: readonly FlagRead[]): string {
  const raws = reads.map(({ keyNode }) => textOf(keyNode, 'raw') ?? '');
  return raws.some((raw) => raw.startsWith('"')) && !raws.some((raw) => raw.startsWith("'")) ? '"' : "'";
}
