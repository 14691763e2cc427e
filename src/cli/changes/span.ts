import { CommandError } from '../command-error.js';
import { EXIT } from '../exit-code.js';

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** A length of time such as `90s`, `30m`, `2h` or `1d`, in seconds. @throws CommandError that names the option */
export function parseSpan(option: string, text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*([smhd])$/.exec(text.trim()) ?? [];
  const seconds = Number(digits) * SECONDS[unit as keyof typeof SECONDS];
  if (seconds > 0) return seconds;
  throw new CommandError(EXIT.usage, `${option}: expected a time such as 90s, 30m, 2h or 1d, found ${text}.`);
}
