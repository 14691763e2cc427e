import { vi } from 'vitest';

/** How long a condition may take to come true where a test says nothing else, in milliseconds: CI machines do much else at once. */
const LONGEST_WAIT_MS = 30_000;

const { waitFor, waitUntil } = vi;

vi.waitFor = (callback, options) => waitFor(callback, patiently(options));
vi.waitUntil = (callback, options) => waitUntil(callback, patiently(options));

/** Vitest's own default is a second, which its configuration can't change. */
function patiently<Options extends object>(options: number | Options = {} as Options): Options & { timeout: number } {
  const given = typeof options === 'number' ? { timeout: options } : options;
  return { timeout: LONGEST_WAIT_MS, ...given } as Options & { timeout: number };
}
