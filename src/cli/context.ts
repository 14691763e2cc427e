import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import { CommandError } from './command-error.js';
import { EXIT } from './exit-code.js';
import type { Terminal } from './terminal.js';

/** For whom a flag is evaluated. */
export interface ContextOptions {
  readonly unit?: string;
  readonly context?: string;
  readonly set?: readonly string[];
}

export function withContextOptions(command: Command): Command {
  return withAttributeOptions(
    command.addOption(new Option('-u, --unit <id>', 'the targeting key: who is asked about')),
  );
}

/** The same without whom: for commands that ask about many. */
export function withAttributeOptions(command: Command): Command {
  return command
    .addOption(new Option('-c, --context <json>', 'the attributes as a JSON object, or @FILE that holds one'))
    .addOption(new Option('--set <attribute=value...>', 'one attribute; 42, true and null are what they are in JSON'));
}

/** @throws CommandError if it can't be understood */
export function contextOf({ unit, context, set = [] }: ContextOptions, { cwd }: Terminal): EvaluationContext {
  const given = context === undefined ? {} : parseContext(textOf(context, cwd));
  const single = set.map(parseAttribute);
  return { ...given, ...Object.fromEntries(single), ...(unit !== undefined && { targetingKey: unit }) };
}

function textOf(given: string, cwd: string): string {
  if (!given.startsWith('@')) return given;
  try {
    return readFileSync(resolve(cwd, given.slice(1)), 'utf8');
  } catch (cause) {
    throw new CommandError(EXIT.usage, `--context: ${given.slice(1)} can't be read.`, { cause });
  }
}

function parseContext(text: string): EvaluationContext {
  const parsed = parseJson(text);
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as EvaluationContext;
  throw new CommandError(
    EXIT.usage,
    `--context: expected a JSON object such as '{"targetingKey": "user-1", "plan": "pro"}', found ${text}.`,
  );
}

function parseAttribute(given: string): [name: string, value: unknown] {
  const equals = given.indexOf('=');
  if (equals < 1) throw new CommandError(EXIT.usage, `--set: expected attribute=value, found ${given}.`);
  const text = given.slice(equals + 1);
  const parsed = parseJson(text);
  return [given.slice(0, equals), parsed === undefined ? text : parsed];
}

/** `undefined`: it is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
