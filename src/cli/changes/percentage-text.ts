import { CommandError } from '../command-error.js';
import { EXIT } from '../exit-code.js';

/** `25`, `0.5` or `25%`, from 0 to 100. @throws CommandError that names where it stood */
export function parsePercentage(where: string, text: string): number {
  const [, digits] = /^(\d+(?:\.\d+)?)\s*%?$/.exec(text.trim()) ?? [];
  const percentage = Number(digits);
  if (percentage <= 100) return percentage;
  throw new CommandError(EXIT.usage, `${where}: expected a percentage from 0 to 100, such as 25, found ${text}.`);
}
