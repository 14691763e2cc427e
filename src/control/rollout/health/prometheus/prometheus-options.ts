import { checkOptions, isDuration, isFunction, isObject, type OptionCheck } from '../../../../options/check-options.js';
import { type LabelSelector, parseSelector } from './label-selector.js';

/** Headers of every request. */
export type PrometheusHeaders = Readonly<Record<string, string>>;

export interface PrometheusHealthOptions {
  /**
   * Where its HTTP API is, without `/api/v1`: `http://prometheus:9090`, `https://mimir.internal/prometheus`. A user and
   * password in it become an `Authorization` header.
   */
  readonly url: string | URL;
  /**
   * Label matchers that every series must fulfil, so that staging never judges production: `job="shop", env="production"`,
   * or `{ job: 'shop', env: 'production' }`. It is no part of the document's own `queries`.
   */
  readonly selector: LabelSelector;
  /** Sent with every request; a function is asked before each look, so that a token can rotate. Default: none. */
  readonly headers?: PrometheusHeaders | (() => PrometheusHeaders | Promise<PrometheusHeaders>) | undefined;
  /** How long one look may take, in milliseconds. Default: 10,000. */
  readonly timeoutMs?: number | undefined;
  /**
   * How old a window must be before it is asked for, in seconds, so that all scrapes in it have arrived. Default: 15, as a
   * scrape may take 10. More where samples travel on to another database first.
   */
  readonly settleSeconds?: number | undefined;
  /**
   * How often Prometheus scrapes the service, in seconds. The newest window is at least four scrapes long, as a rise can
   * only be seen between two. Default: 15.
   */
  readonly scrapeSeconds?: number | undefined;
}

/** Options with every default filled in. */
export interface PrometheusSettings {
  /** Of the query API; without user and password. */
  readonly endpoint: URL;
  readonly selector: string;
  readonly headers: () => PrometheusHeaders | Promise<PrometheusHeaders>;
  /** What must stand in no message, beside the headers' values. */
  readonly secrets: readonly string[];
  readonly timeoutMs: number;
  readonly settleMs: number;
  readonly scrapeMs: number;
}

const WHERE = 'prometheusHealth';

const seconds = (least: string, isEnough: (value: number) => boolean): OptionCheck => ({
  allowed: `a number of seconds, ${least}, of at most 3,600`,
  isRight: (value) => typeof value === 'number' && isEnough(value) && value <= 3600,
});

/** @throws TypeError that names the option, what came and what is allowed; it repeats no secret */
export function readOptions(options: PrometheusHealthOptions): PrometheusSettings {
  checkOptions<PrometheusHealthOptions>(WHERE, options, {
    // Looked at below.
    url: { allowed: 'an address', isRight: () => true },
    selector: { allowed: 'label matchers', isRight: () => true },
    headers: {
      allowed: 'an object of headers and their texts, or a function that returns one',
      isRight: (value) => isFunction(value) || isHeaders(value),
      isSecret: true,
    },
    timeoutMs: { allowed: 'a number of milliseconds above 0, of at most 24 days', isRight: isDuration },
    settleSeconds: seconds('0 or more', (value) => value >= 0),
    scrapeSeconds: seconds('above 0', (value) => value > 0),
  });
  const { headers = {}, timeoutMs = 10_000, settleSeconds = 15, scrapeSeconds = 15 } = options;
  const { endpoint, authorization, secrets } = readAddress(options.url);
  if (authorization !== undefined && typeof headers === 'object' && new Headers(headers).has('authorization')) {
    throw new TypeError(`${WHERE}: both \`url\` and \`headers\` say who asks. Take the user out of \`url\`.`);
  }
  const given = typeof headers === 'function' ? headers : () => headers;
  return {
    endpoint,
    selector: parseSelector(options.selector),
    headers: authorization === undefined ? given : async () => ({ authorization, ...(await given()) }),
    secrets,
    timeoutMs,
    settleMs: settleSeconds * 1000,
    scrapeMs: scrapeSeconds * 1000,
  };
}

/** Whether they can be sent. What is wrong with them is not repeated. */
export function isHeaders(value: unknown): value is PrometheusHeaders {
  if (!isObject(value) || !Object.values(value as object).every((text) => typeof text === 'string')) return false;
  try {
    new Headers(value as PrometheusHeaders);
    return true;
  } catch {
    return false;
  }
}

function readAddress(url: unknown): {
  readonly endpoint: URL;
  readonly authorization: string | undefined;
  readonly secrets: readonly string[];
} {
  const isAddress = (typeof url === 'string' || url instanceof URL) && URL.canParse(String(url));
  const parsed = isAddress ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw new TypeError(`${WHERE}: option \`url\`: expected an address like http://prometheus:9090.`);
  }
  if (parsed.search !== '' || parsed.hash !== '') {
    throw new TypeError(
      `${WHERE}: option \`url\`: expected an address without query and fragment. A token goes into \`headers\`.`,
    );
  }
  const user = decoded(parsed.username);
  const password = decoded(parsed.password);
  const credentials = Buffer.from(`${user}:${password}`).toString('base64');
  const isNamed = user !== '' || password !== '';
  const path = parsed.pathname.replace(/\/+$/, '').replace(/\/api\/v1(?:\/query)?$/, '');
  return {
    endpoint: new URL(`${parsed.origin}${path}/api/v1/query`),
    authorization: isNamed ? `Basic ${credentials}` : undefined,
    secrets: isNamed ? [user, password, parsed.username, parsed.password, credentials] : [],
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
