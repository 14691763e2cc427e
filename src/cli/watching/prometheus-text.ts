/** One line of a scrape. */
export interface MetricSample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** May be NaN or infinite. */
  readonly value: number;
}

/** A text is not what Prometheus scrapes. */
export class PrometheusTextError extends Error {
  override readonly name = 'PrometheusTextError';
}

const metricName = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const labelName = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,|(?=\}))/y;
const closing = /\s*\}/y;
const number = /[ \t]+(NaN|[+-]?Inf|[+-]?[0-9.][0-9.eE+-]*)(?=\s|$)/y;

/**
 * Reads Prometheus' text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/), as far as it is
 * wanted: comments, timestamps and what stands behind them are passed over.
 *
 * @param isWanted whether a metric of this name is read
 * @throws PrometheusTextError with the line that it can't understand
 */
export function parsePrometheusText(text: string, isWanted: (name: string) => boolean): readonly MetricSample[] {
  const samples: MetricSample[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const sample = readLine(trimmed, isWanted);
    if (sample === 'broken') {
      throw new PrometheusTextError(`line ${index + 1} is none of Prometheus' text format: ${trimmed.slice(0, 60)}`);
    }
    if (sample !== 'unwanted') samples.push(sample);
  }
  return samples;
}

function readLine(line: string, isWanted: (name: string) => boolean): MetricSample | 'unwanted' | 'broken' {
  const name = matchAt(metricName, line, 0)?.[0];
  if (name === undefined) return 'broken';
  if (!isWanted(name)) return 'unwanted';
  const labels = new Map<string, string>();
  let at = name.length;
  if (line[at] === '{') {
    at += 1;
    for (let end = matchAt(closing, line, at); end === null; end = matchAt(closing, line, at)) {
      const [all = '', label = '', value = ''] = matchAt(labelName, line, at) ?? [];
      if (all === '') return 'broken';
      labels.set(label, unescape(value));
      at += all.length;
    }
    at = line.indexOf('}', at) + 1;
  }
  const value = matchAt(number, line, at)?.[1];
  return value === undefined ? 'broken' : { name, labels, value: numberIn(value) };
}

function matchAt(pattern: RegExp, line: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(line);
}

/** `\\`, `\"` and `\n` are all that there are. */
const unescape = (value: string): string =>
  value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));

const numberIn = (text: string): number => Number(text.replace(/Inf$/, 'Infinity'));
