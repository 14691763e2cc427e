import { counted } from '../output/counted.js';
import { wrap } from '../output/wrap.js';
import type { Finding } from '../findings/finding.js';
import type { Colors, Paper } from '../terminal.js';
import type { Mention } from './mentions.js';
import type { ProjectReferences, Reference } from './scan-project.js';

export interface ShownReferences extends ProjectReferences {
  readonly findings: readonly Finding[];
  readonly mentions: readonly Mention[];
  /** Whether only what is wrong is wanted. */
  readonly onlyFindings: boolean;
}

/** For people: each flag with where it is read, then what is wrong. */
export function referencesText(shown: ShownReferences, { colors, columns }: Paper): string {
  const reads = shown.onlyFindings ? [] : [...byKey(shown.references)].map(([key, some]) => readsOf(key, some, colors));
  const mentions = shown.onlyFindings ? [] : mentioned(shown.mentions, colors);
  const wrong = headings.flatMap(([rule, heading]) => {
    const some = shown.findings.filter((finding) => finding.rule === rule);
    return some.length === 0 ? [] : [[colors.bold(heading), ...some.map((each) => entry(each, columns))].join('\n')];
  });
  return [...reads, ...mentions, ...wrong, summary(shown)].join('\n\n');
}

const headings: readonly (readonly [rule: string, heading: string])[] = [
  ['undefined-flag', 'Used but not defined'],
  ['unused-flag', 'Defined but not used'],
  ['nested-flag', "Read inside another flag's branch"],
  ['dynamic-key', "Keys that can't be told"],
];

function byKey(references: readonly Reference[]): ReadonlyMap<string, readonly Reference[]> {
  const keys = [...new Set(references.flatMap(({ key }) => key ?? []))].toSorted();
  return new Map(keys.map((key) => [key, references.filter((reference) => reference.key === key)]));
}

function readsOf(key: string, references: readonly Reference[], { bold, dim }: Colors): string {
  const width = Math.max(...references.map((reference) => placeOf(reference).length));
  const lines = references.map((reference) => {
    const others = [...new Set(reference.inside.map(({ flagKey }) => flagKey))];
    const inside = others.length === 0 ? '' : `in ${others.map((other) => `${other}'s branch`).join(', ')}`;
    const kind = reference.isTest && reference.kind !== 'test' ? `${reference.kind} (test)` : reference.kind;
    return `  ${placeOf(reference).padEnd(width)}  ${dim(kind.padEnd(KIND_WIDTH))}  ${inside}`.trimEnd();
  });
  return [bold(key), ...lines].join('\n');
}

/** `openfeature` and `decorator` are the longest. */
const KIND_WIDTH = 11;

const placeOf = ({ file, line, column }: Reference): string => `${file}:${line}:${column}`;

function mentioned(mentions: readonly Mention[], { bold, dim }: Colors): readonly string[] {
  if (mentions.length === 0) return [];
  const lines = mentions.map(({ file, line, key }) => `  ${file}:${line}  ${dim(key)}`);
  return [[bold('Only mentioned'), ...lines].join('\n')];
}

function entry({ file, line, column, message }: Finding, columns: number): string {
  const place = file === undefined ? [] : [`  ${[file, line, column].filter((part) => part !== undefined).join(':')}`];
  const indent = file === undefined ? '  ' : '    ';
  return [...place, indent + wrap(message, columns, indent, indent.length)].join('\n');
}

function summary({ references, files }: ShownReferences): string {
  const keys = new Set(references.flatMap(({ key }) => key ?? []));
  const read = references.filter(({ key }) => key !== undefined).length;
  return `${counted(keys.size, 'flag')} at ${counted(read, 'place')} in ${counted(files.length, 'file')}.`;
}
