import type { Comparison } from '../flag-definition.js';
import type { Operator } from '../flag-document.js';
import { nearestWord } from '../nearest-word.js';

/** What an operator compares with. */
export type OperandKind =
  'scalar' | 'scalars' | 'texts' | 'number' | 'instant' | 'version' | 'range' | 'addresses' | 'presence';

/** Every operator and what it compares with. */
export const operandKinds: { readonly [Name in Comparison['operator']]: OperandKind } = {
  equals: 'scalar',
  not_equals: 'scalar',
  in: 'scalars',
  not_in: 'scalars',
  contains: 'texts',
  starts_with: 'texts',
  ends_with: 'texts',
  glob: 'texts',
  matches: 'texts',
  greater_than: 'number',
  greater_or_equal: 'number',
  less_than: 'number',
  less_or_equal: 'number',
  before: 'instant',
  after: 'instant',
  semver_equals: 'version',
  semver_greater_than: 'version',
  semver_less_than: 'version',
  semver_satisfies: 'range',
  in_cidr: 'addresses',
  exists: 'presence',
};

/** Whether a text is an operator. */
export function isOperator(text: string): text is Operator {
  return Object.hasOwn(operandKinds, text);
}

/** The operator that a misspelt word or another system's word means. */
export function operatorMeantBy(word: string): string | undefined {
  if (word.length > 64) return undefined;
  const plain = word.toLowerCase().replace(/[_\-\s$.]/g, '');
  const names = Object.keys(operandKinds);
  return (
    foreignOperators.get(plain) ?? names.find((name) => name.replaceAll('_', '') === plain) ?? nearestWord(word, names)
  );
}

const foreignOperators: ReadonlyMap<string, string> = new Map(
  Object.entries({
    equals: 'eq == === = is equal equalto equalsto strequals numeq ieq',
    not_equals: 'neq != !== <> ne isnot notequal notequals numneq',
    in: 'oneof inlist anyof isoneof isanyof isin listcontains',
    not_in: 'notin nin isnotoneof notoneof isnotin noneof',
    contains: 'strcontains includes has containsany substring',
    starts_with: 'strstartswith prefix beginswith hasprefix startswithanyof',
    ends_with: 'strendswith suffix hassuffix endswithanyof',
    glob: 'like wildcard fnmatch',
    matches: 'regex regexp match strmatches =~ ~ matchesregex',
    greater_than: 'gt > numgt isgreaterthan morethan vgt',
    greater_or_equal: 'gte ge >= numgte greaterthanorequal greaterthanorequalto atleast',
    less_than: 'lt < numlt islessthan',
    less_or_equal: 'lte le <= numlte lessthanorequal lessthanorequalto atmost',
    before: 'datebefore isbefore earlierthan',
    after: 'dateafter isafter laterthan',
    semver_equals: 'semvereq semverequal versioneq veq',
    semver_greater_than: 'semvergt semvergreater versiongt',
    semver_less_than: 'semverlt semverless versionlt vlt',
    semver_satisfies: 'semver semvermatches semverrange semversatisfy',
    in_cidr: 'cidr incidr ip ipin inrange insubnet subnet ipaddress',
    exists: 'isset present defined exist isdefined isnotnull',
  }).flatMap(([operator, words]) => words.split(' ').map((word) => [word, operator])),
);
