import { isMapping } from '../../flags/parsing/read-fields.js';
import { didYouMean } from '../../flags/nearest-word.js';
import type { Problem } from '../../flags/problem.js';
import { showValue } from '../../flags/show-value.js';
import type { NamePattern } from './lint.js';
import { type Level, LEVELS, whyNoRule } from './levels.js';
import { parseNamePattern } from './parse-name-pattern.js';

/** The key of a document that says how it wants to be checked. */
export const SETTINGS_KEY = 'x-halyard-check';

/** The key of a flag that says which rules it need not follow. */
export const IGNORE_KEY = 'x-ignore';

/** How a document says that it wants to be checked. */
export interface DocumentSettings {
  readonly levels: ReadonlyMap<string, Level>;
  readonly maxFlagsPerOwner: number | undefined;
  readonly namePattern: NamePattern | undefined;
  /** The rules that a flag need not follow, by its key. */
  readonly ignored: ReadonlyMap<string, ReadonlySet<string>>;
  /** What is wrong with the settings themselves. */
  readonly problems: readonly Problem[];
}

type Path = readonly (string | number)[];
type Report = (path: Path, message: string) => void;

/** Reads `x-halyard-check` and every flag's `x-ignore`. */
export function readDocumentSettings(document: unknown): DocumentSettings {
  const problems: Problem[] = [];
  const report: Report = (path, message) => void problems.push({ severity: 'error', path, message });
  const root = isMapping(document) ? document : {};
  const written = ownOf(root, SETTINGS_KEY);
  if (written !== undefined && !isMapping(written)) {
    report([SETTINGS_KEY], `expected a mapping, found ${showValue(written)}. Write \`{ off: [no-owner] }\`.`);
  }
  const settings = isMapping(written) ? written : {};
  refuseUnknown(settings, report);
  return {
    levels: readLevels(settings, report),
    maxFlagsPerOwner: readMaxFlags(ownOf(settings, 'maxFlagsPerOwner'), report),
    namePattern: readPattern(ownOf(settings, 'namePattern'), report),
    ignored: readIgnored(ownOf(root, 'flags'), report),
    problems,
  };
}

const settingNames = [...LEVELS, 'maxFlagsPerOwner', 'namePattern'];

function refuseUnknown(settings: Readonly<Record<string, unknown>>, report: Report): void {
  for (const name of Object.keys(settings)) {
    if (settingNames.includes(name)) continue;
    const hint = didYouMean(name, settingNames) || ` Allowed: ${settingNames.join(', ')}.`;
    report([SETTINGS_KEY, name], `unknown key.${hint}`);
  }
}

function readLevels(settings: Readonly<Record<string, unknown>>, report: Report): ReadonlyMap<string, Level> {
  const levels = new Map<string, Level>();
  for (const level of LEVELS) {
    for (const rule of readRules(ownOf(settings, level), [SETTINGS_KEY, level], report)) levels.set(rule, level);
  }
  return levels;
}

function readMaxFlags(value: unknown, report: Report): number | undefined {
  if (value === undefined || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0)) return value;
  report([SETTINGS_KEY, 'maxFlagsPerOwner'], `expected a whole number, 0 or more, found ${showValue(value)}.`);
  return undefined;
}

function readPattern(value: unknown, report: Report): NamePattern | undefined {
  if (value === undefined) return undefined;
  const pattern = typeof value === 'string' ? parseNamePattern(value) : 'it is no text';
  if (typeof pattern !== 'string') return pattern;
  report([SETTINGS_KEY, 'namePattern'], `expected a pattern in RE2 syntax, found ${showValue(value)}: ${pattern}.`);
  return undefined;
}

function readIgnored(flags: unknown, report: Report): ReadonlyMap<string, ReadonlySet<string>> {
  const ignored = new Map<string, ReadonlySet<string>>();
  if (!isMapping(flags)) return ignored;
  for (const key of Object.keys(flags)) {
    const flag = flags[key];
    const written = isMapping(flag) ? ownOf(flag, IGNORE_KEY) : undefined;
    if (written !== undefined) ignored.set(key, new Set(readRules(written, ['flags', key, IGNORE_KEY], report)));
  }
  return ignored;
}

/** A list of rules, or one alone. */
function readRules(value: unknown, path: Path, report: Report): readonly string[] {
  if (value === undefined) return [];
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items.filter((item, index): item is string => {
    const why = typeof item === 'string' ? whyNoRule(item) : `expected the name of a rule, found ${showValue(item)}.`;
    if (why !== undefined) report(Array.isArray(value) ? [...path, index] : path, why);
    return why === undefined;
  });
}

const ownOf = (mapping: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(mapping, name) ? mapping[name] : undefined;
