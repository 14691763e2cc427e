import { onOneLine, PrometheusError, showable } from './prometheus-error.js';
import { isHeaders, type PrometheusHeaders, type PrometheusSettings } from './prometheus-options.js';
import { errorIn, type QuerySample, readAnswer } from './read-answer.js';

/** How large an answer may be, in bytes, unpacked. Those to Halyard's own queries have a few hundred elements. */
const MOST_BYTES = 1_000_000;

/**
 * Asks one PromQL expression.
 * @param at the time that it is asked about, in milliseconds since the epoch
 * @throws PrometheusError
 */
export type AskPrometheus = (expression: string, at: number) => Promise<readonly QuerySample[]>;

/**
 * For one look: all its questions together may take `timeoutMs`.
 * @param signals end it sooner
 * @throws PrometheusError if the `headers` can't be had
 */
export async function openLook(settings: PrometheusSettings, signals: readonly AbortSignal[]): Promise<AskPrometheus> {
  const ends = AbortSignal.any([AbortSignal.timeout(settings.timeoutMs), ...signals]);
  const headers = await headersOf(settings, ends);
  const secrets = [...settings.secrets, ...Object.values(headers)];
  return async (expression, at) => {
    try {
      return await ask(settings, headers, expression, at, ends);
    } catch (error) {
      throw new PrometheusError(showable(messageOf(error, settings, ends), secrets));
    }
  };
}

async function headersOf(settings: PrometheusSettings, ends: AbortSignal): Promise<PrometheusHeaders> {
  let headers: unknown;
  try {
    headers = await Promise.race([settings.headers(), aborted(ends)]);
  } catch {
    // What it says may be what must not be told.
    throw new PrometheusError('prometheusHealth: the function `headers` failed, or took too long.');
  }
  if (isHeaders(headers)) return headers;
  throw new PrometheusError(
    'prometheusHealth: the function `headers` returned something that is no object of headers.',
  );
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = (): void => reject(new PrometheusError('the look was ended'));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

async function ask(
  { endpoint, timeoutMs }: PrometheusSettings,
  headers: PrometheusHeaders,
  query: string,
  at: number,
  signal: AbortSignal,
): Promise<readonly QuerySample[]> {
  const where = nameOf(endpoint);
  // The server stops when nobody waits any longer.
  const body = new URLSearchParams({ query, time: String(at / 1000), timeout: `${Math.ceil(timeoutMs)}ms` });
  const response = await fetch(endpoint, { method: 'POST', headers: { ...headers }, body, redirect: 'manual', signal });
  const text = await readText(response, where);
  if (!response.ok) throw new PrometheusError(`${where} answers ${response.status}${explain(response, text)}`);
  return readAnswer(text, where);
}

/** In messages. A path may hold what not everybody should know. */
function nameOf({ origin }: URL): string {
  return `Prometheus at ${origin}`;
}

async function readText(response: Response, where: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop ends the connection.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MOST_BYTES) {
      throw new PrometheusError(
        `${where}: the answer has more than ${MOST_BYTES} bytes. Write \`sum(…)\` around the query?`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function explain({ status, headers }: Response, text: string): string {
  const said = errorIn(text);
  if (said !== undefined) return `: ${said}`;
  if (status >= 300 && status < 400) {
    const target = headers.get('location') ?? '';
    const to = URL.canParse(target) ? ` to ${new URL(target).origin}` : '';
    return `, a redirect${to}. It is not followed: give its target as \`url\`.`;
  }
  if (status === 401 || status === 403) return '. It wants to know who asks: see the option `headers`.';
  if (status === 404)
    return ': there is no HTTP API under this address. Does the `url` lack a path, such as /prometheus?';
  if (status === 429) return ': too many requests.';
  return status >= 500 ? '. Is it up, and whatever stands before it?' : '.';
}

function messageOf(error: unknown, { endpoint, timeoutMs }: PrometheusSettings, ends: AbortSignal): string {
  if (error instanceof PrometheusError) return error.message;
  const where = nameOf(endpoint);
  if (ends.aborted) {
    const isLate = ends.reason instanceof DOMException && ends.reason.name === 'TimeoutError';
    return isLate ? `${where} has not answered within ${timeoutMs} ms (timeoutMs).` : `${where} was not waited for.`;
  }
  // `fetch failed`, and why in its cause.
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  return `${where} can't be reached: ${reasonOf(cause)}. Is it up, and the \`url\` right?`;
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'for no known reason';
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : onOneLine(cause.message);
}
