import { isFunction, nodeOf, nodesOf, placeOf, type SyntaxNode } from '../syntax.js';
import { leaves } from '../leaves.js';
import { canUnwrap, declareNeededNames, dropsNeededVar } from './name-clash.js';
import type { AnswerValue } from './read-answer.js';
import type { RemovalWork } from './removal-work.js';
import { everyChildOf } from './syntax-tree.js';

interface Range {
  readonly start: number;
  readonly end: number;
}

/** What becomes of a `switch` over a known value. */
export type SwitchStep =
  | { readonly type: 'remove' }
  /** What runs stands in its place. `labels`: the `case 'b':` between what runs. */
  | {
      readonly type: 'unwrap';
      readonly statements: readonly SyntaxNode[];
      readonly content: Range;
      readonly labels: readonly Range[];
    }
  /** It is left from its middle, or its names clash with others: only the cases that run stay. */
  | { readonly type: 'narrow'; readonly losers: readonly SyntaxNode[]; readonly labels: readonly Range[] };

/** `undefined` where nothing is certain: a case is computed, or one that doesn't run declares what is used elsewhere. */
export function switchStep(node: SyntaxNode, value: AnswerValue, work: RemovalWork): SwitchStep | undefined {
  const cases = nodesOf(node, 'cases');
  const tests = cases.map((each) => nodeOf(each, 'test'));
  const values = tests.map((test) => test && work.folding.constantOf(test)?.value);
  if (tests.some((test, index) => test !== undefined && values[index] === undefined)) return undefined;
  const matching = values.findIndex((each, index) => tests[index] !== undefined && each === value);
  const first = matching === -1 ? tests.indexOf(undefined) : matching;
  const from = first === -1 ? [] : cases.slice(first);
  const last = from.findIndex((each) => nodesOf(each, 'consequent').some((one) => leaves(one)));
  const running = last === -1 ? from : from.slice(0, last + 1);
  const losers = cases.filter((each) => !running.includes(each));
  if (losers.some((each) => dropsNeededVar(each, work)) || declareNeededNames(losers, losers, work)) return undefined;
  const filled = running.filter((each) => nodesOf(each, 'consequent').length > 0);
  const [winner, ...others] = filled;
  if (winner === undefined) return { type: 'remove' };
  const isLabeled = work.tree.parentOf(node)?.type === 'LabeledStatement';
  const found = others.length === 0 ? contentOf(winner) : contentOfSeveral(winner, others);
  const isPlain = !isLabeled && !found.statements.some(breaksOut) && canUnwrap(winner, found.statements, node, work);
  const labelsOf = (list: readonly SyntaxNode[]): readonly Range[] => list.map((each) => labelOf(each, work));
  if (!isPlain) return { type: 'narrow', losers, labels: labelsOf(running.slice(1)) };
  const start = found.start ?? labelOf(winner, work).end;
  const content = { start, end: found.end };
  return { type: 'unwrap', statements: found.statements, content, labels: labelsOf(others) };
}

/** What a case runs: `start` is `undefined` for what stands behind its label. */
interface CaseContent {
  readonly statements: readonly SyntaxNode[];
  readonly start: number | undefined;
  readonly end: number;
}

function contentOf(winner: SyntaxNode): CaseContent {
  const consequent = nodesOf(winner, 'consequent');
  const [block, after, ...more] = consequent;
  // `case 'a': { …; break; }` and `case 'a': { … } break;`
  const isBlock = block?.type === 'BlockStatement' && more.length === 0 && (after === undefined || isBreak(after));
  const all = isBlock ? nodesOf(block, 'body') : consequent;
  const ends = isBlock && after !== undefined ? undefined : all.findLast(isBreak);
  const isOpenEnd = ends !== undefined && ends === all.at(-1);
  const end = isBlock ? placeOf(block).end - 1 : placeOf(winner).end;
  return {
    statements: all.filter((each) => each !== ends),
    start: isBlock ? placeOf(block).start + 1 : undefined,
    end: isOpenEnd ? placeOf(ends).start : end,
  };
}

/** Of cases that fall through to each other. */
function contentOfSeveral(first: SyntaxNode, others: readonly SyntaxNode[]): CaseContent {
  const all = [first, ...others].flatMap((each) => nodesOf(each, 'consequent'));
  const last = all.at(-1);
  const isEnded = last !== undefined && isBreak(last);
  const end = isEnded ? placeOf(last).start : placeOf(others.at(-1) ?? first).end;
  return { statements: isEnded ? all.slice(0, -1) : all, start: undefined, end };
}

/** `case 'a':`, with the comment before it that says that what is above falls through. */
function labelOf(node: SyntaxNode, { tree: { text } }: RemovalWork): Range {
  const { start } = placeOf(node);
  const test = nodeOf(node, 'test');
  const colon = text.indexOf(':', test === undefined ? start : placeOf(test).end);
  const [comment] = fallsThrough.exec(text.slice(0, start)) ?? [''];
  return { start: start - comment.length, end: colon + 1 };
}

const fallsThrough = /\/(?:\/|\*)\s*falls?[ -]?thr(?:ough|u)[^\n]*\n\s*$/i;

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
