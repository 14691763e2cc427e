/** A selector of an expression: the metric, and the labels that it compares. */
export interface Selector {
  readonly metric: string;
  readonly labels: readonly string[];
}

/** The selectors in a PromQL expression, for metrics of Halyard's: `feature_flag_…`, and recorded ones, `halyard:…`. */
export function selectorsIn(expression: string): readonly Selector[] {
  const selectors = expression.matchAll(/\b((?:feature_flag_|halyard:)[\w:]*)\s*(?:\{([^}]*)\})?/g);
  return Array.from(selectors, ([, metric = '', matchers = '']) => ({
    metric,
    labels: Array.from(matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"[^"]*"/g), ([, label = '']) => label),
  }));
}

/** The labels by which an expression groups or matches series. */
export function groupingsIn(expression: string): readonly string[] {
  const lists = expression.matchAll(/\b(?:by|on|without|ignoring)\s*\(([^)]*)\)/g);
  return Array.from(lists, ([, list = '']) => list.split(',').map((label) => label.trim())).flat();
}

/** Whatever in an expression is neither a function, a keyword, a label nor a number: what nobody has looked at. */
export function strangersIn(expression: string): readonly string[] {
  const bare = expression
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]|"[^"]*"/g, ' ')
    .replaceAll(/\b(?:by|on|without|ignoring)\s*\([^)]*\)/g, ' ')
    .replaceAll(/\boffset\s+\w+/g, ' ')
    .replaceAll(/\b\w+\s*\(/g, '(');
  const words = bare.match(/[A-Za-z_][\w:]*/g) ?? [];
  const keywords = ['and', 'or', 'unless', 'group_left', 'group_right', 'sum', 'max', 'min', 'count', 'bool'];
  return words.filter((word) => !keywords.includes(word) && !/^(?:feature_flag_|halyard:)/.test(word));
}
