const SHORTEST_SECRET = 32;

/**
 * @param place the options that have it, for the message
 * @returns the secrets: the first signs, all are accepted
 * @throws TypeError unless there is one and all are long enough. What came is not repeated: it may be a secret.
 */
export function checkSecrets(place: string, secret: unknown): readonly [string, ...string[]] {
  const secrets: readonly unknown[] = [secret].flat();
  if (secrets.length === 0 || !secrets.every(isSecret)) {
    throw new TypeError(`${place}: \`secret\`: expected a text of at least ${SHORTEST_SECRET} characters, or several.`);
  }
  return secrets as readonly [string, ...string[]];
}

const isSecret = (value: unknown): boolean => typeof value === 'string' && value.length >= SHORTEST_SECRET;
