import { runInNewContext, Script } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { removed } from './removed.js';

/** A program that was made up, and what else it asks of its inputs. */
type Text = fc.Arbitrary<string>;

const READ = "flags.boolean('x', false)";

/** What decides: reads, other values, calls that leave a trace, and everything that is made of them. */
const expression: (depth: number) => Text = fc.memo((depth) => {
  const leaf: Text = fc.oneof(
    { weight: 4, arbitrary: fc.constant(READ) },
    fc.constantFrom(
      'isNew',
      '!isNew',
      'isKept',
      'isAsked()',
      '!isRefused()',
      "flags.string('y', 'a')",
      "color === 'green'",
      "color !== 'green'",
      'color',
    ),
    fc.constantFrom('a', 'b', 'c', "''", '0', 'null', 'true', '[1]', '{ k: 1 }.k'),
    fc.nat(99).map((id) => `t(${id}, a)`),
    fc.nat(99).map((id) => `t(${id}, 0)`),
  );
  if (depth <= 0) return leaf;
  const inner = expression(depth - 1);
  const operators = fc.constantFrom('&&', '||', '===', '!==', '+');
  return fc.oneof(
    leaf,
    inner.map((x) => `!(${x})`),
    inner.map((x) => `(${x})`),
    fc.tuple(inner, operators, inner).map(([x, o, y]) => `(${x}) ${o} (${y})`),
    fc.tuple(inner, inner).map(([x, y]) => `((${x}) ?? (${y}))`),
    fc.tuple(inner, inner, inner).map(([x, y, z]) => `((${x}) ? (${y}) : (${z}))`),
    fc.tuple(inner, inner, inner).map(([x, y, z]) => `f(${x} && ${y} || ${z})`),
  );
});

const statement: (depth: number) => Text = fc.memo((depth) => {
  const test = expression(2);
  const leaf: Text = fc.oneof(
    test.map((x) => `f(${x});`),
    fc.nat(99).map((id) => `t(${id}, 1);`),
    test.map((x) => `total = ${x};`),
    fc.nat(9).map((id) => `return ${id};`),
    test.map((x) => `return ${x};`),
    fc.constantFrom('helper(1);', 'older(2);', 'f(isNew ? helper(3) : older(4));', 'const total = 5; f(total);'),
    fc.tuple(fc.constantFrom('let', 'const'), test).map(([kind, x]) => `{ ${kind} v = ${x}; f(v); }`),
    fc.tuple(test, test).map(([x, y]) => `(${x}) && f(${y});`),
  );
  if (depth <= 0) return leaf;
  const block = fc.array(statement(depth - 1), { maxLength: 3 }).map((some) => `{\n${some.join('\n')}\n}`);
  const simple = fc.constantFrom('t(1, 1);', 'return 2;', 'f(3);').map((text) => ` ${text}`);
  const body = fc.oneof({ weight: 4, arbitrary: block }, simple);
  return fc.oneof(
    leaf,
    fc.tuple(test, body).map(([x, y]) => `if (${x}) ${y}`),
    fc.tuple(test, body, body).map(([x, y, z]) => `if (${x}) ${y}\nelse ${z}`),
    fc.tuple(test, body, test, body, body).map(([x, y, z, u, v]) => `if (${x}) ${y} else if (${z}) ${u} else ${v}`),
    body.map((x) => `for (const a of [0, 1]) ${x}`),
    fc
      .tuple(fc.constantFrom('color', 'a', "flags.string('y', 'a')"), fc.array(statement(depth - 1), { maxLength: 2 }))
      .map(
        ([x, some]) =>
          `switch (${x}) {\n  case 'green':\n    ${some.join('\n    ')}\n    break;\n  case 1: { t(7, 1); }\n  default:\n    t(8, 1);\n}`,
      ),
    fc.tuple(block, block).map(([x, y]) => `try ${x} finally ${y}`),
  );
});

const program: Text = fc.array(statement(2), { minLength: 1, maxLength: 5 }).map(
  (some) => `function main(a, b, c) {
  const isNew = ${READ};
  const isKept = !isNew && a;
  const isAsked = () => ${READ};
  const color = flags.string('y', 'a');
  let total = 0;
  {
    ${some.join('\n    ')}
  }
  f(total);
  return total;

  function isRefused() {
    return !isAsked();
  }
  function helper(n) {
    return f(n);
  }
  function older(n) {
    return helper(n + 1);
  }
}
`,
);

/** Whether a text can be run: the same name may have been declared twice. */
function isProgram(text: string): boolean {
  try {
    return new Script(text) instanceof Script;
  } catch {
    return false;
  }
}

/** What a program did: every call, in its order, and what it returned or threw. */
function traceOf(text: string, x: boolean, y: string, inputs: readonly unknown[]): string {
  const calls: unknown[] = [];
  const flags = { boolean: () => x, string: () => y };
  const t = (id: number, value: unknown): unknown => (calls.push([id, value]), value);
  const f = (value: unknown): unknown => (calls.push(value), value);
  try {
    const main = runInNewContext(`${text}\nmain`, { flags, t, f }) as (...given: unknown[]) => unknown;
    calls.push(['returned', main(...inputs)]);
  } catch (error) {
    calls.push(['threw', (error as Error).name]);
  }
  return JSON.stringify(calls, (_, value: unknown) => (value === undefined ? 'undefined' : value));
}

describe('a program without its flags', () => {
  it.each([1, 2, 3])('does what it did with their answers (seed %i)', { timeout: 300_000 }, (seed) => {
    fc.assert(
      fc.property(program, fc.boolean(), fc.constantFrom('green', 'blue', ''), (text, x, y) => {
        fc.pre(isProgram(text));
        const { text: after } = removed(text, { x, y }, 'file.js');
        expect(after).not.toContain('flags.');
        for (const inputs of [
          [0, 1, 'c'],
          [1, '', undefined],
          ['a', null, 0],
        ]) {
          expect(traceOf(after, !x, 'none', inputs)).toBe(traceOf(text, x, y, inputs));
        }
      }),
      { numRuns: 200, seed },
    );
  });
});
