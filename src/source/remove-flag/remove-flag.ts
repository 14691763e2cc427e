import type { FlagRead } from '../flag-read.js';
import type { SourceModule } from '../source-module.js';
import { type Place, placeOf, type SyntaxNode } from '../syntax.js';
import { createFolding } from './constant-folding.js';
import { foldNode } from './fold-statement.js';
import { indexNames } from './name-index.js';
import { answerOf, quoteOf, type ReadAnswer, type Winner } from './read-answer.js';
import { removeGuard } from './remove-guard.js';
import { removeTestAnswer } from './remove-test-answer.js';
import { removeUnused } from './remove-unused.js';
import { removeUnusedMembers } from './remove-unused-members.js';
import { removeCommas, type RemovalWork } from './removal-work.js';
import { readTree, type SyntaxTree } from './syntax-tree.js';
import { type Edit, EditDraft } from './text-edits.js';

/** How a file changes when flags go. */
export interface FlagRemoval {
  /** In the order of the text, none over another. */
  readonly edits: readonly Edit[];
  readonly leftovers: readonly Leftover[];
}

/** What has to do with a flag, and is for a person to change. */
export interface Leftover extends Place {
  /** `undefined`: it has to do with all of them. */
  readonly key: string | undefined;
  /** Why it wasn't changed, and what to do, in a sentence. */
  readonly why: string;
}

/**
 * The change that keeps what runs with flags that are settled, and drops the rest. It changes only what is certain: the
 * program does the same as with the flags' answers.
 *
 * @param text what the module was read from
 * @param reads where the file reads flags; those of flags without a winner stay
 * @param winners what the flags answer for good, by flag key
 */
export function removeFlags(
  module: SourceModule,
  text: string,
  reads: readonly FlagRead[],
  winners: ReadonlyMap<string, Winner>,
): FlagRemoval {
  const ours = reads.flatMap((read) => {
    const winner = read.key === undefined ? undefined : winners.get(read.key);
    return winner === undefined ? [] : [{ read, winner }];
  });
  if (ours.length === 0) return { edits: [], leftovers: [] };
  const leftovers: Leftover[] = [];
  const tree = readTree(module, text);
  const refused: { readonly read: FlagRead; readonly why: string }[] = [];
  const answers = new Map<SyntaxNode, ReadAnswer>();
  for (const { read, winner } of ours) {
    if (isRemovedOtherwise(read)) continue;
    const answer = isAmbiguous(read, reads) ? 'It reads one of several flags.' : answerOf(read, winner, module);
    if (typeof answer === 'string') refused.push({ read, why: answer });
    else answers.set(read.node, answer);
  }
  const work = createWork(tree, answers, quoteOf(ours.map(({ read }) => read)), leftovers);
  foldNode(module.program, work);
  for (const { read, winner } of ours) {
    if (work.draft.isGone(read)) continue;
    if (read.kind === 'test') removeTestAnswer(read, winner, work);
    else if (isRemovedOtherwise(read)) removeGuard(read, winner, work);
  }
  do removeUnused(work);
  while (removeUnusedMembers(work));
  removeCommas(work);
  for (const { name, declared, value } of work.folding.given) {
    work.leave(declared, `\`${name.name}\` is always \`${value}\` now: use that where it is imported, then remove it.`);
  }
  for (const { read, why } of refused) leftovers.push({ ...placeOf(read.node), key: read.key, why });
  for (const name of work.names.all) {
    const kept = name.declaredBy.find((node) => work.keptFunctions.has(node));
    if (kept !== undefined && name.uses.length > 0) {
      work.leave(kept, 'It stands after what always returns now, and stays because it is called.');
    }
  }
  return {
    edits: work.draft.finish(),
    leftovers: standing(
      leftovers,
      ours.map(({ read }) => read),
      work,
    ),
  };
}

const isRemovedOtherwise = ({ kind }: FlagRead): boolean => kind === 'guard' || kind === 'decorator' || kind === 'test';

/** `flags.boolean(isNew ? 'a' : 'b', false)` */
const isAmbiguous = (read: FlagRead, reads: readonly FlagRead[]): boolean =>
  reads.some(({ node, key }) => node === read.node && key !== read.key);

function createWork(
  tree: SyntaxTree,
  answers: ReadonlyMap<SyntaxNode, ReadAnswer>,
  quote: string,
  leftovers: Leftover[],
): RemovalWork {
  const names = indexNames(tree);
  const verbatim = tree.nodes.filter(({ type }) => type === 'TemplateElement').map(placeOf);
  return {
    tree,
    names,
    folding: createFolding(tree, names, answers),
    draft: new EditDraft(tree.text, verbatim),
    quote,
    goneElements: new Set(),
    unwrapped: new Set(),
    keptFunctions: new Set(),
    leave: (node, why) => leftovers.push({ ...placeOf(node), key: undefined, why }),
  };
}

/** What is still there, in the order of the text, each with the flag that it is about. */
function standing(
  leftovers: readonly Leftover[],
  reads: readonly FlagRead[],
  { draft }: RemovalWork,
): readonly Leftover[] {
  const isFirst = ({ start, why }: Leftover, index: number): boolean =>
    leftovers.findIndex((each) => each.start === start && each.why === why) === index;
  return leftovers
    .filter((leftover, index) => !draft.isGone(leftover) && isFirst(leftover, index))
    .map((leftover) => ({ ...leftover, key: leftover.key ?? reads.find(({ start }) => start === leftover.start)?.key }))
    .toSorted((a, b) => a.start - b.start);
}
