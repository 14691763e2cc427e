import { InvalidArgumentError } from 'commander';
import type { MetricSample } from './prometheus-text.js';

/** Whether a sample is among those that a person wants to see. */
export type SampleFilter = (sample: MetricSample) => boolean;

const matcher = /\s*([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*("(?:[^"\\\n]|\\.)*"|[^",\s]+)\s*(?:,|$)/y;

/**
 * Reads label matchers as PromQL has them, with or without quotes and braces: `flag_key=~"checkout-.*", pod!="a"`. A label
 * that a sample lacks is empty there.
 *
 * @throws InvalidArgumentError for what is none
 */
export function parseLabelMatchers(given: string): SampleFilter {
  const text = given.trim().replace(/^\{(.*)\}$/s, '$1');
  const filters: SampleFilter[] = [];
  for (let at = 0; at < text.length;) {
    matcher.lastIndex = at;
    const [all = '', label = '', operator = '', value = ''] = matcher.exec(text) ?? [];
    if (all === '') {
      throw new InvalidArgumentError(`Expected label matchers such as flag_key=~"checkout.*",pod="a".`);
    }
    filters.push(matches(label, operator, value.startsWith('"') ? unquote(value) : value));
    at += all.length;
  }
  return (sample) => filters.every((matchesSample) => matchesSample(sample));
}

function matches(label: string, operator: string, value: string): SampleFilter {
  const isEqual = operator.endsWith('~') ? inPattern(value) : (text: string) => text === value;
  const wanted = !operator.startsWith('!');
  return ({ labels }) => {
    return isEqual(labels.get(label) ?? '') === wanted;
  };
}

function inPattern(pattern: string): (text: string) => boolean {
  try {
    const whole = new RegExp(`^(?:${pattern})$`, 'su');
    return (text) => whole.test(text);
  } catch {
    throw new InvalidArgumentError(`${pattern} is no regular expression.`);
  }
}

const unquote = (quoted: string): string => quoted.slice(1, -1).replaceAll(/\\(.)/g, '$1');
