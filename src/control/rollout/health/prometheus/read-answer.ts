import { onOneLine, PrometheusError } from './prometheus-error.js';

/** One element of an answer: the newest value of one series or sum. It may be `NaN` or infinite. */
export interface QuerySample {
  readonly labels: Readonly<Record<string, unknown>>;
  readonly value: number;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * The elements of an instant query's answer; a scalar is one without labels.
 * @param where who answered
 * @throws PrometheusError for an error, for one that is incomplete by its own warnings, and for what can't be understood
 */
export function readAnswer(text: string, where: string): readonly QuerySample[] {
  const answer = parse(text);
  if (answer === undefined) throw strange(where);
  if (answer['status'] === 'error') throw new PrometheusError(`${where} says: ${onOneLine(answer['error'])}`);
  const { data, warnings } = answer;
  if (answer['status'] !== 'success' || !isFields(data)) throw strange(where);
  if (Array.isArray(warnings) && warnings.length > 0) {
    throw new PrometheusError(
      `${where} answers with a warning, so that data may be missing: ${onOneLine(warnings[0])}`,
    );
  }
  const { resultType, result } = data;
  if (!Array.isArray(result)) throw strange(where);
  if (resultType === 'scalar') return [{ labels: {}, value: readValue(result, where) }];
  if (resultType !== 'vector') {
    throw new PrometheusError(
      `the query gives a ${onOneLine(resultType)}, not a number. For a range, write for example \`max_over_time(…)\``,
    );
  }
  return result.map((element: unknown) => {
    if (!isFields(element) || !isFields(element['metric'])) throw strange(where);
    return { labels: element['metric'], value: readValue(element['value'], where) };
  });
}

/** The error that an answer which is none brings along, if it does. */
export function errorIn(text: string): string | undefined {
  const answer = parse(text);
  return answer?.['status'] === 'error' ? onOneLine(answer['error']) : undefined;
}

function parse(text: string): Fields | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    return isFields(answer) ? answer : undefined;
  } catch {
    return undefined;
  }
}

/** A time, and a number as text. */
function readValue(pair: unknown, where: string): number {
  const text: unknown = Array.isArray(pair) ? pair[1] : undefined;
  if (typeof text !== 'string') throw strange(where);
  if (/^[+-]?Inf$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  const value = Number(text);
  if (text === '' || (Number.isNaN(value) && text !== 'NaN')) throw strange(where);
  return value;
}

function strange(where: string): PrometheusError {
  return new PrometheusError(
    `${where} answers with something that is no answer of Prometheus's. Is this its address, and nothing in between that wants a login?`,
  );
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
