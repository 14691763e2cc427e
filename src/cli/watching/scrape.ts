import { type MetricSample, parsePrometheusText } from './prometheus-text.js';

/** What a scrape found at a moment. */
export type Scrape =
  | { readonly at: number; readonly isUp: true; readonly samples: readonly MetricSample[] }
  | { readonly at: number; readonly isUp: false; readonly why: string };

export interface ScrapeOptions {
  /** Without its credentials. */
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly timeoutMs: number;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** How large an answer may be, in bytes. */
const MAX_BYTES = 50_000_000;

/** Asks a service for its metrics, once. A service that is away is an answer, too. */
export async function scrape({ url, authorization, timeoutMs, now, signal }: ScrapeOptions): Promise<Scrape> {
  const ends = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const headers = {
    accept: 'text/plain;version=0.0.4',
    ...(authorization !== undefined && { authorization }),
  };
  try {
    const response = await fetch(url, { headers, signal: ends });
    const text = await readText(response);
    if (!response.ok)
      return { at: now(), isUp: false, why: `it answers ${response.status} ${response.statusText}`.trim() };
    return { at: now(), isUp: true, samples: parsePrometheusText(text, (name) => name.startsWith('feature_flag_')) };
  } catch (error) {
    return { at: now(), isUp: false, why: reasonOf(error, timeoutMs) };
  }
}

async function readText({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let [text, bytes] = ['', 0];
  for await (const chunk of body ?? []) {
    bytes += (chunk as Uint8Array).byteLength;
    if (bytes > MAX_BYTES) throw new Error(`its answer is larger than ${MAX_BYTES / 1_000_000} MB`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  // Fetch says why in its cause, which for several addresses has a code and no message.
  const { message, code } = (error.cause ?? error) as Partial<NodeJS.ErrnoException>;
  return message === undefined || message === '' ? (code ?? error.message) : message;
}
