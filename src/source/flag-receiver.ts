import { evaluateExpression, isHalyardPackage } from './evaluate-expression.js';
import { isOpen } from './members.js';
import type { Scope } from './scope.js';
import type { Known, StaticValue } from './static-value.js';
import { bare, lastName, nodeOf, type SyntaxNode } from './syntax.js';

/**
 * Whether what a method is called on is a Halyard, or the flags of a request.
 *
 * - `yes`: it was imported from `halyard…`, or made by what was, or typed as something of it; or nothing is known of it
 *   and it is called so: `halyard`, `flags`, `featureFlags`, `shopHalyard`, `req.flags`, `getFlags()`.
 * - `no`: it is something else: a value written in the project, or of another package whose name has nothing to do with
 *   flags (`z`, `yargs(argv)`).
 * - `perhaps`: nothing is known of it, and it is called otherwise. A key that is defined may then tell.
 */
export function isFlagReceiver(written: SyntaxNode, scope: Scope, known: Known): 'yes' | 'no' | 'perhaps' {
  const node = bare(written);
  const value = evaluateExpression(node, scope, known);
  const fromValue = value && verdictOf(value);
  if (fromValue !== undefined) return fromValue;
  return isNamedSo(node) ? 'yes' : 'perhaps';
}

function verdictOf(value: StaticValue): 'yes' | 'no' | undefined {
  switch (value.kind) {
    case 'imported':
    case 'made':
      if (isHalyardPackage(value.from)) return 'yes';
      // Another package may hold a company's Halyard; then it, or what it exports, is called so.
      return /halyard|flag/i.test(`${value.from} ${value.name}`) ? undefined : 'no';
    case 'choice': {
      const verdicts = value.of.map(verdictOf);
      return verdicts.every((each) => each === verdicts[0]) ? verdicts[0] : undefined;
    }
    case 'object':
      return isOpen(value.node) ? undefined : 'no';
    case 'class':
    case 'instance':
      // What it inherits may be a Halyard's.
      return nodeOf(value.node, 'superClass') === undefined ? 'no' : undefined;
    case 'namespace':
      return undefined;
    default:
      return 'no';
  }
}

const receiverName = /^(?:halyard|(?:feature_?)?flags)$|(?:[a-z0-9]H|_h)alyard$|(?:[a-z0-9]F|_f)lags$/;

function isNamedSo(node: SyntaxNode): boolean {
  const called = node.type === 'CallExpression' ? nodeOf(node, 'callee') : undefined;
  if (called !== undefined) return /(?:halyard|flags)(?:of|for|from)?$/i.test(lastName(bare(called)) ?? '');
  const name = lastName(node)?.replace(/^_/, '');
  return (
    name !== undefined && (receiverName.test(name) || /^(?:HALYARD|FEATURE_?FLAGS|FLAGS|featureFlags)$/.test(name))
  );
}
