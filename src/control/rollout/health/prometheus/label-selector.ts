import { showValue } from '../../../../flags/show-value.js';

/** Label matchers as text, `job="shop", env="production"`, or labels and their values. */
export type LabelSelector = string | Readonly<Record<string, string>>;

const WHERE = 'prometheusHealth: option `selector`';
const EXAMPLE = 'Write `job="shop", env="production"`, or { job: \'shop\', env: \'production\' }.';

/** Labels that Halyard compares itself. */
const ownLabels: ReadonlySet<string> = new Set(['flag_key', 'assignment', 'slice', 'outcome', 'variant', 'le']);

/** One matcher: a label, an operator, and a string of PromQL in any of its three kinds of quotes. */
const matcher = /\s*([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)\s*(?:,|$)/y;

/**
 * Label matchers that can stand inside of braces, and do nothing else there.
 * @throws TypeError for what is none; for labels that Halyard compares itself; and where nothing says which series are
 * meant, so that one environment can't be judged by another
 */
export function parseSelector(selector: unknown): string {
  const text = typeof selector === 'object' && selector !== null ? textOf(selector) : selector;
  if (typeof text !== 'string' || text.trim() === '') {
    throw new TypeError(
      `${WHERE}: expected label matchers that say which service in which environment is judged, found ${showValue(selector)}. ${EXAMPLE}`,
    );
  }
  const matchers = [...matchersIn(text)];
  for (const { label } of matchers) {
    if (label === '__name__') throw new TypeError(`${WHERE}: the names of the metrics are given. Take away __name__.`);
    if (ownLabels.has(label))
      throw new TypeError(`${WHERE}: Halyard compares the label ${label} itself. Take it away.`);
  }
  if (!matchers.some(saysWhich)) {
    throw new TypeError(`${WHERE}: nothing in it says which service is meant, only which not. ${EXAMPLE}`);
  }
  return matchers.map((one) => one.label + one.operator + one.value).join(',');
}

interface Matcher {
  readonly label: string;
  readonly operator: string;
  /** With its quotes. */
  readonly value: string;
}

function* matchersIn(text: string): Generator<Matcher> {
  let at = 0;
  while (text.slice(at).trim() !== '') {
    matcher.lastIndex = at;
    const [all, label, operator, value] = matcher.exec(text) ?? [];
    if (all === undefined || label === undefined || operator === undefined || value === undefined) {
      throw new TypeError(
        `${WHERE}: expected label matchers without braces, found ${showValue(text.slice(at).trim())}. ${EXAMPLE}`,
      );
    }
    yield { label, operator, value };
    at += all.length;
  }
}

/** Whether a matcher leaves out whatever doesn't have the label. */
function saysWhich({ operator, value }: Matcher): boolean {
  const pattern = value.slice(1, -1);
  return operator === '=' ? pattern !== '' : operator === '=~' && !['', '.*', '.+'].includes(pattern);
}

function textOf(labels: object): string {
  const matchers = Object.entries(labels).map(([label, value]: [string, unknown]) => {
    if (typeof value === 'string') return `${label}=${quote(value)}`;
    throw new TypeError(`${WHERE}: expected a text for the label ${label}, found ${showValue(value)}.`);
  });
  return matchers.join(',');
}

/** A text as a string of PromQL, whose escapes are those of Go: JSON's are among them. */
export function quote(text: string): string {
  return JSON.stringify(text);
}
