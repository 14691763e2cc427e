/** Prometheus gave no answer that can be used. The message says where to look, and holds no secret. */
export class PrometheusError extends Error {
  override readonly name = 'PrometheusError';
}

/** What another program says, on one line. */
export function onOneLine(text: unknown): string {
  return String(text)
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
}

/** The longest message, in UTF-16 units: what another program says stands at its end. */
const LONGEST_MESSAGE = 500;

/** A message that may be shown: without secrets, and then cut, so that no part of one is left at the end. */
export function showable(message: string, secrets: readonly string[]): string {
  const text = withoutSecrets(message, secrets);
  return text.length <= LONGEST_MESSAGE ? text : `${text.slice(0, LONGEST_MESSAGE).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Takes secrets out of a text: whatever was sent may be sent back. The shortest would hit words. */
function withoutSecrets(text: string, secrets: readonly string[]): string {
  const parts = secrets.flatMap((secret) => [secret, ...secret.split(/\s+/)]).filter(({ length }) => length >= 4);
  // The longest first: one may be a part of another.
  return parts.toSorted((a, b) => b.length - a.length).reduce((rest, part) => rest.replaceAll(part, '***'), text);
}
