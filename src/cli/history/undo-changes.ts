import type { FlagDocument } from '../../flags/flag-document.js';
import { isMapping } from '../../flags/parsing/read-fields.js';
import { sameJson } from '../../flags/same-json.js';
import type { Change, Difference } from '../../stores/flag-store.js';
import { inlineValue } from '../output/inline-value.js';
import { CommandError } from '../command-error.js';
import { EXIT } from '../exit-code.js';
import { isFlagName } from './changed-place.js';

/** What operations did, and what a breaker measured. */
const isBesideTheDocument = (path: string): boolean => path.startsWith('state.') || path.startsWith('breakers.');

type Mapping = Readonly<Record<string, unknown>>;

/**
 * A document without what some changes did to it. What operations did is no part of it.
 *
 * @param changes the newest first
 * @throws CommandError where the document isn't what a change left behind: then somebody changed it past Halyard
 */
export function undoChanges(document: FlagDocument, changes: readonly Change[]): FlagDocument {
  let undone: Mapping = { ...document };
  for (const change of changes) {
    for (const one of change.difference) {
      if (!isBesideTheDocument(one.path)) undone = undo(undone, one, change);
    }
  }
  return undone as unknown as FlagDocument;
}

function undo(document: Mapping, difference: Difference, { version }: Change): Mapping {
  const { path, before, after } = difference;
  if (path === '' && before === undefined) {
    throw new CommandError(EXIT.problems, `Version ${version} brought the first document: before it, there was none.`);
  }
  if (path === '') return before as Mapping;
  const places = placesOf(difference).filter((place) => isThere(document, place, after));
  const [place] = places;
  if (place !== undefined && places.length === 1) return withValue(document, place, before);
  const found = placesOf(difference).map((one) => inlineValue(valueAt(document, one)));
  throw new CommandError(
    EXIT.problems,
    places.length > 1
      ? `${path} may be two places of this document, and the history doesn't tell which one version ${version} changed. Change it by hand.`
      : `${path} isn't what version ${version} made of it: expected ${inlineValue(after)}, found ${[...new Set(found)].join(' or ')}. ` +
          'Somebody changed it past Halyard, so the history does not suffice. Change it by hand.',
  );
}

/** Where a path may lead: keys of flags may have dots in them, so `flags.a.rollout` may be a flag that came or went. */
function placesOf({ path, before, after }: Difference): readonly (readonly string[])[] {
  const [section = '', ...rest] = path.split('.');
  if (rest.length === 0) return [[section]];
  const whole = [section, rest.join('.')];
  const last = rest.at(-1) ?? '';
  if (section !== 'flags' || rest.length === 1 || !isFlagName(last)) return [whole];
  const inFlag = [section, rest.slice(0, -1).join('.'), last];
  const cameOrWent = before === undefined ? after : after === undefined ? before : undefined;
  return isMapping(cameOrWent) && Object.keys(cameOrWent).every(isFlagName) ? [whole, inFlag] : [inFlag];
}

/** Whether a place holds a value; one that holds nothing must be in something that is there. */
function isThere(document: Mapping, place: readonly string[], value: unknown): boolean {
  const isInSomething = place.length < 3 || isMapping(valueAt(document, place.slice(0, -1)));
  return isInSomething && sameJson(valueAt(document, place), value);
}

function valueAt(document: Mapping, place: readonly string[]): unknown {
  return place.reduce<unknown>(
    (value, name) => (isMapping(value) && Object.hasOwn(value, name) ? value[name] : undefined),
    document,
  );
}

function withValue(document: Mapping, [name = '', ...rest]: readonly string[], value: unknown): Mapping {
  const inner = Object.hasOwn(document, name) ? document[name] : undefined;
  const next = rest.length === 0 ? value : withValue(isMapping(inner) ? inner : {}, rest, value);
  const entries = Object.entries(document);
  if (next === undefined) return Object.fromEntries(entries.filter(([other]) => other !== name));
  // A place of its own stays where it is.
  return Object.hasOwn(document, name)
    ? Object.fromEntries(entries.map(([other, old]) => [other, other === name ? next : old]))
    : Object.fromEntries([...entries, [name, next]]);
}
