import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AnswerValue } from '../../../src/source/remove-flag/read-answer.js';
import { removed } from './removed.js';

interface Case {
  readonly name: string;
  readonly values: Readonly<Record<string, AnswerValue | undefined>>;
  readonly before: string;
  readonly after: string;
}

/** `=== name [x=VALUE]`, what a file says, `--->`, and what it says afterwards; `!!!` before each leftover. */
function readCases(): readonly Case[] {
  const text = readFileSync(new URL('cases.txt', import.meta.url), 'utf8');
  return text.split(/^=== /m).flatMap((section) => {
    const [, name, value = 'true', before, after] =
      /^(.*?)(?: \[x=(.*)\])?\n([\s\S]*)^--->\n([\s\S]*)$/m.exec(section) ?? [];
    if (name === undefined || before === undefined || after === undefined) return [];
    return [{ name, values: { x: value === 'default' ? undefined : JSON.parse(value) }, before, after }];
  });
}

describe('removeFlags', () => {
  it.each(readCases())('$name', ({ before, after, values }) => {
    const { text, leftovers } = removed(before, values);
    expect(text + leftovers.map((each) => `!!! ${each}\n`).join('')).toBe(after);
  });

  it('keeps Windows line ends', () => {
    const before =
      "a();\r\nif (flags.boolean('x', false)) {\r\n  one();\r\n} else {\r\n  two();\r\n}\r\n\r\nend();\r\n";
    expect(removed(before).text).toBe('a();\r\none();\r\n\r\nend();\r\n');
  });

  it('keeps tabs, and a file that ends without a line end', () => {
    const before = "{\n\tif (flags.boolean('x', false)) {\n\t\tone();\n\t\t\ttwo();\n\t}\n}";
    expect(removed(before).text).toBe('{\n\tone();\n\t\ttwo();\n}');
  });

  it('removes several flags at once', () => {
    const before = "if (flags.boolean('x', false) && flags.boolean('y', false)) {\n  a();\n} else {\n  b();\n}\n";
    expect(removed(before, { x: true, y: false }).text).toBe('b();\n');
  });

  it('takes __proto__ and constructor for flags like any other', () => {
    const before = "if (flags.boolean('constructor', false)) a();\nif (flags.boolean('toString', false)) b();\n";
    expect(removed(before, { constructor: true }).text).toBe("a();\nif (flags.boolean('toString', false)) b();\n");
  });
});
