import { leaves } from '../leaves.js';
import { isFunction, nodeOf, nodesOf, placeOf, type SyntaxNode } from '../syntax.js';
import { canUnwrap, dropsNeededVar } from './name-clash.js';
import type { AnswerValue } from './read-answer.js';
import type { RemovalWork } from './removal-work.js';
import { everyChildOf } from './syntax-tree.js';

/** What of a `switch` runs. */
interface WinningCases {
  readonly statements: readonly SyntaxNode[];
  readonly content: { readonly start: number; readonly end: number };
}

/**
 * The statements that a `switch` over a known value runs; `none` of them; `undefined` where that isn't plain: cases that
 * are computed, that fall through to others, or that are left from their middle.
 */
export function winningCases(
  node: SyntaxNode,
  value: AnswerValue,
  work: RemovalWork,
): WinningCases | 'none' | undefined {
  const cases = nodesOf(node, 'cases');
  const parent = work.tree.parentOf(node);
  const tests = cases.map((each) => nodeOf(each, 'test'));
  const values = tests.map((test) => test && work.folding.constantOf(test)?.value);
  if (tests.some((test, index) => test !== undefined && values[index] === undefined)) return undefined;
  if (parent?.type === 'LabeledStatement' || dropsNeededVar(node, work)) return undefined;
  const matching = values.findIndex((each, index) => tests[index] !== undefined && each === value);
  const index = matching === -1 ? tests.indexOf(undefined) : matching;
  if (index === -1) return 'none';
  const from = cases.slice(index);
  const winner = from.find((each) => nodesOf(each, 'consequent').length > 0);
  if (winner === undefined) return 'none';
  return contentOf(winner, winner === cases.at(-1), node, work);
}

function contentOf(winner: SyntaxNode, isLast: boolean, node: SyntaxNode, work: RemovalWork): WinningCases | undefined {
  const { text } = work.tree;
  const consequent = nodesOf(winner, 'consequent');
  const [block, after, ...more] = consequent;
  // `case 'a': { …; break; }` and `case 'a': { … } break;`
  const isBlock = block?.type === 'BlockStatement' && more.length === 0 && (after === undefined || isBreak(after));
  const all = isBlock ? nodesOf(block, 'body') : consequent;
  const ends = isBlock && after !== undefined ? undefined : all.findLast(isBreak);
  const statements = all.filter((each) => each !== ends);
  const isEnded = isLast || (isBlock && after !== undefined) || all.some((each) => leaves(each));
  if (!isEnded || statements.some(breaksOut) || !canUnwrap(winner, statements, node, work)) return undefined;
  const test = nodeOf(winner, 'test');
  const colon = text.indexOf(':', test === undefined ? placeOf(winner).start : placeOf(test).end);
  const start = isBlock ? placeOf(block).start + 1 : colon + 1;
  const end = isBlock ? placeOf(block).end - 1 : placeOf(winner).end;
  const isOpenEnd = ends !== undefined && ends === all.at(-1);
  return { statements, content: { start, end: isOpenEnd ? placeOf(ends).start : end } };
}

const isBreak = (node: SyntaxNode): boolean => node.type === 'BreakStatement' && nodeOf(node, 'label') === undefined;

/** Whether a `break` in a statement leaves the `switch`. */
function breaksOut(node: SyntaxNode): boolean {
  if (isBreak(node)) return true;
  return !isFunction(node) && !catchesBreak.has(node.type) && everyChildOf(node).some(breaksOut);
}

const catchesBreak: ReadonlySet<string> = new Set([
  'DoWhileStatement',
  'ForInStatement',
  'ForOfStatement',
  'ForStatement',
  'SwitchStatement',
  'WhileStatement',
]);
