import type { Random } from './random.js';

/** A function that decides on a flag. `name` is its own; `a` and `b` are flags'. */
type Shape = (name: string, a: string, b: string) => string;

const read = (key: string): string => `«boolean ${key}»flags.boolean('${key}', false)`;

/** How people write conditions on flags: each in a function of its own, with `flags`, `run` and `classic` at hand. */
const shapes: readonly Shape[] = [
  (name, a) => `export function ${name}(flags: RequestFlags): string {
  if (${read(a)}) {
    // The new way.
    return run('new');
  } else {
    return classic('old');
  }
}`,
  (name, a) => `export const ${name} = (flags: RequestFlags) => (${read(a)} ? run('new') : classic('old'));`,
  (name, a) => `export function ${name}(flags: RequestFlags): void {
  if (!${read(a)}) classic('old');
  else run('new');
}`,
  (name, a) => `export function ${name}(flags: RequestFlags): string {
  if (!${read(a)}) return classic('old');
  const price = 1 + 1;
  return run(String(price));
}`,
  (name, a) => `export function ${name}(flags: RequestFlags): string | undefined {
  const isNew = ${read(a)};
  if (isNew) {
    return run('new');
  }
  return undefined;
}`,
  (name, a) => `export function ${name}(flags: RequestFlags, amount: number): void {
  if (amount > 3 && ${read(a)}) run('many');
}`,
  (name, a) => `export function ${name}(flags: RequestFlags): void {
  ${read(a)} && run('new');
}`,
  (name, a) => `export function ${name}(flags: RequestFlags, isStaff: boolean): string {
  return isStaff || ${read(a)} ? run('new') : classic('old');
}`,
  (name, a, b) => `export function ${name}(flags: RequestFlags): string {
  if (${read(a)}) {
    return «boolean ${b} < ${a}»flags.boolean('${b}', true) ? run('both') : run('one');
  }
  return classic('none');
}`,
  (name, a, b) => `export function ${name}(flags: RequestFlags): string {
  const isOn = ${read(a)};
  if (!isOn) return classic('old');
  return run(«string ${b} < ${a}»flags.string('${b}', 'blue'));
}`,
  (name, a, b) => `export function ${name}(flags: RequestFlags, amount: number): string {
  if (amount === 0) {
    return classic('nothing');
  } else if (${read(a)}) {
    return run('new');
  } else if («boolean ${b} < ${a}»flags.boolean('${b}', false)) {
    return run('other');
  }
  return classic('old');
}`,
  (name, a) => `export function ${name}(flags: RequestFlags): string {
  switch («string ${a}»flags.string('${a}', 'red')) {
    case 'blue':
      return run('blue');
    default:
      return classic('red');
  }
}`,
  (name, a) => `export function ${name}(flags: RequestFlags) {
  return {
    title: \`Shop \${${read(a)} ? 'new' : 'old'}\`,
    limit: «number ${a}»flags.number('${a}', 10),
    theme: «object ${a}»flags.object('${a}', { dark: false }),
  };
}`,
  (name, a) => `export function ${name}(flags: RequestFlags, items: readonly number[]): readonly number[] {
  return items.filter((item) => item > 1 || ${read(a)}).map((item) => (${read(a)} ? item * 2 : item));
}`,
  (name, a) => `export function ${name}(flags: RequestFlags): string {
  const { value, reason } = «details ${a}»flags.details('${a}', false);
  return value ? run(reason) : classic(reason);
}`,
];

/** A file of functions that decide on flags, in a random order of shapes. */
export function conditions(keys: readonly string[], random: Random): string {
  const functions = keys.map((key, index) => {
    const other = keys[(index + 1) % keys.length]!;
    return random.pick(shapes)(`decide${index}`, key, other);
  });
  return [
    "import type { RequestFlags } from 'halyard/express';",
    'const run = (how: string): string => how;',
    'const classic = (how: string): string => how;',
    ...functions,
    'export const helpers = [run, classic];',
  ].join('\n\n');
}
