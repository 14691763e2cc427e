/**
 * The errors of several providers that were asked together: OpenFeature's MultiProvider throws one error that holds
 * them. `undefined` for any other error.
 */
export function providerErrors(error: unknown): readonly unknown[] | undefined {
  if (!isRecord(error) || !Array.isArray(error['originalErrors'])) return undefined;
  return error['originalErrors'].map((item: unknown) => (isRecord(item) ? item['error'] : item));
}

/** The error code of a thrown value; `undefined` if it has none. */
export function errorCodeOf(error: unknown): string | undefined {
  const code = isRecord(error) ? error['code'] : undefined;
  return typeof code === 'string' ? code : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
