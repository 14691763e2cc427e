import type { FlagDefinition } from '../../flags/flag-definition.js';
import { docComment } from './doc-comment.js';
import { literalType, objectType, propertyName } from './literal-type.js';
import { dayOf } from '../output/relative-time.js';

/** What a file of types is made of. */
export interface TypedFlags {
  readonly flags: ReadonlyMap<string, FlagDefinition>;
  /** Flags with errors: they are flags, but what their variants are can't be told. */
  readonly refused: ReadonlySet<string>;
  /** Whether OpenFeature's clients are to know the keys, too. */
  readonly isForOpenFeature: boolean;
}

/** How every file begins that `halyard types` wrote. */
export const MARK = '// Written by `halyard types`';

/**
 * The file that tells TypeScript the flags' keys and values. It is the same for the same flags, but for those that have
 * expired in between.
 *
 * @param now in milliseconds since the epoch: flags whose end has come are deprecated
 */
export function flagTypings(typed: TypedFlags, now: number): string {
  const { flags, refused, isForOpenFeature } = typed;
  const known = Array.from(flags.values(), (flag) => knownFlag(flag, now));
  const withErrors = Array.from(refused, refusedFlag);
  const expired = expiredFlags(typed, now).map(({ key, day }) => `    ${JSON.stringify(key)}: "${day}";\n`);
  return [
    `${MARK}: the keys and values of the flags, for TypeScript. Change the flags, and run it again.\n`,
    '/* eslint-disable */\n',
    '\n// prettier-ignore\n',
    'declare global {\n',
    '  interface HalyardFlags {\n',
    ...known,
    ...withErrors,
    '  }\n',
    ...(expired.length === 0 ? [] : ['\n  interface HalyardExpiredFlags {\n', ...expired, '  }\n']),
    '}\n',
    ...(isForOpenFeature ? [openFeatureKeys] : []),
    '\nexport {};\n',
  ].join('');
}

/** The flags whose end has come, in their order, and when that was. */
export function expiredFlags({ flags }: TypedFlags, now: number): readonly { key: string; day: string; at: number }[] {
  return Array.from(flags.values()).flatMap(({ key, expires }) =>
    expires !== undefined && expires <= now ? [{ key, day: dayOf(expires), at: expires }] : [],
  );
}

/**
 * Types that OpenFeature leaves open, in the way that it documents. TypeScript finds them twice, unless it skips the check of
 * libraries; an augmentation of `server-sdk`, which hands them on, would not reach its clients.
 */
const openFeatureKeys = `
// OpenFeature's way to know keys compiles with "skipLibCheck": true alone. Without it: halyard types --no-openfeature
declare module "@openfeature/core" {
  export type BooleanFlagKey = import("halyard").BooleanFlagKey;
  export type StringFlagKey = import("halyard").StringFlagKey;
  export type NumberFlagKey = import("halyard").NumberFlagKey;
  export type ObjectFlagKey = import("halyard").ObjectFlagKey;
}
`;

const INDENT = ' '.repeat(4);

/** Beyond it, each variant has a line of its own. */
const LINE_LENGTH = 100;

function knownFlag({ key, description, kind, owner, ticket, expires, variants }: FlagDefinition, now: number): string {
  const facts = [
    `Kind: ${kind}.`,
    owner === undefined ? '' : `Owner: ${owner}.`,
    ticket === undefined ? '' : `Ticket: ${ticket}.`,
    expires === undefined ? '' : `Expires: ${dayOf(expires)}.`,
  ];
  const text = [description ?? '', facts.filter(Boolean).join(' ')].filter(Boolean);
  const isExpired = expires !== undefined && expires <= now;
  const tags = isExpired ? [`@deprecated expired on ${dayOf(expires)}: remove it`] : [];
  const members = Array.from(variants, ([name, value]) => `${propertyName(name)}: ${literalType(value)}`);
  return docComment(text, tags, INDENT) + property(key, members);
}

function property(key: string, members: readonly string[]): string {
  const line = `${INDENT}${JSON.stringify(key)}: ${objectType(members)};\n`;
  if (line.length <= LINE_LENGTH) return line;
  const lines = members.map((member) => `${INDENT}  ${member};\n`).join('');
  return `${INDENT}${JSON.stringify(key)}: {\n${lines}${INDENT}};\n`;
}

const refusedFlag = (key: string): string =>
  docComment(['It has errors, so what it serves is not known: see `halyard check`.'], [], INDENT) +
  property(key, ['[variant: string]: boolean | number | string | object']);
