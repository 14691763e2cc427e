import { didYouMean } from '../../flags/nearest-word.js';
import { asksForAnswer } from '../../source/flag-read.js';
import type { Finding } from '../findings/finding.js';
import type { RuleDescriptions } from '../findings/findings-as-sarif.js';
import { counted } from '../output/counted.js';
import type { ProjectReferences, Reference } from './scan-project.js';

/** What is said of flags elsewhere than in the code. */
export interface DefinedFlags {
  /** The flags that there are, each with those that it requires. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
  /** Where they were read from, for people. */
  readonly source: string;
}

/** What can be wrong between code and flags. */
export const REFERENCE_RULES: RuleDescriptions = new Map([
  ['undefined-flag', 'Code reads a flag that is not defined, and is always given its fallback.'],
  ['unused-flag', 'A flag is defined, and no code that was looked at reads it.'],
  ['nested-flag', 'A flag is read inside a branch of another, so that their answers depend on each other.'],
  ['dynamic-key', 'A key is computed, so that nobody can tell which flag is read.'],
]);

/** Compares what code reads with the flags that there are; without these, it says only what code alone can tell. */
export function findingsOf(project: ProjectReferences, defined: DefinedFlags | undefined): readonly Finding[] {
  const { references } = project;
  const inCode = references.flatMap((reference) => [
    ...undefinedFlag(reference, defined),
    ...nestedFlag(reference, defined),
    ...dynamicKey(reference),
  ]);
  return [...inCode, ...(defined === undefined ? [] : unusedFlags(project, defined))];
}

/** A test may have flags of its own. */
function undefinedFlag(reference: Reference, defined: DefinedFlags | undefined): readonly Finding[] {
  const { key, kind, isTest } = reference;
  if (defined === undefined || key === undefined || defined.flags.has(key) || kind === 'test' || isTest) return [];
  const message = `\`${key}\` is not defined in ${defined.source}: whoever reads it is given the fallback.`;
  return [
    { ...placed(reference, 'undefined-flag', message + didYouMean(key, defined.flags.keys())), severity: 'error' },
  ];
}

function nestedFlag(reference: Reference, defined: DefinedFlags | undefined): readonly Finding[] {
  const { key, kind, isTest, inside } = reference;
  if (key === undefined || !asksForAnswer(kind) || isTest) return [];
  const required = defined?.flags.get(key) ?? [];
  // Who wrote down that one requires the other means it.
  const others = [...new Set(inside.map(({ flagKey }) => flagKey))].filter((other) => !required.includes(other));
  if (others.length === 0) return [];
  const message = `\`${key}\` is read inside a branch of ${others.map((other) => `\`${other}\``).join(', ')}: their answers must be tested together, and neither can be removed alone.`;
  return [{ ...placed(reference, 'nested-flag', message), severity: 'warning' }];
}

function dynamicKey(reference: Reference): readonly Finding[] {
  if (reference.key !== undefined || reference.isTest) return [];
  const message = 'The key is computed, so nobody can tell which flag is read. Pass a text or a constant.';
  return [{ ...placed(reference, 'dynamic-key', message), severity: 'note' }];
}

const placed = ({ file, line, column, key }: Reference, rule: string, message: string): Omit<Finding, 'severity'> => ({
  rule,
  message,
  file,
  line,
  column,
  ...(key !== undefined && { flagKey: key }),
});

function unusedFlags({ files, references }: ProjectReferences, { flags, source }: DefinedFlags): readonly Finding[] {
  const inCode = new Set(references.filter(({ kind, isTest }) => kind !== 'test' && !isTest).map(({ key }) => key));
  const inTests = new Set(references.map(({ key }) => key));
  // Another flag that requires it is a use.
  const required = new Set([...flags.values()].flat());
  return Array.from(flags.keys())
    .filter((key) => !inCode.has(key) && !required.has(key))
    .map((key) => {
      const where = inTests.has(key) ? 'only tests read it' : `nothing in ${counted(files.length, 'file')} reads it`;
      return {
        severity: 'warning' as const,
        rule: 'unused-flag',
        message: `\`${key}\` of ${source} is not used: ${where}. Other repositories, or OFREP clients, may evaluate it.`,
        flagKey: key,
      };
    });
}
