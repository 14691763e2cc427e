import type { OptionCheck } from './check-options.js';

const SHORTEST_SECRET = 32;

/** What something is signed with. Of several the first signs, and all are accepted. */
export const secretCheck: OptionCheck = {
  allowed: `a text of at least ${SHORTEST_SECRET} characters, or several`,
  isRight(value) {
    const secrets: readonly unknown[] = [value].flat();
    return secrets.length > 0 && secrets.every(isSecret);
  },
  isSecret: true,
};

function isSecret(value: unknown): boolean {
  return typeof value === 'string' && value.length >= SHORTEST_SECRET;
}
