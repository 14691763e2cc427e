import { CST, Lexer } from 'yaml';

/** A comment of a YAML text. */
export interface Comment {
  /** As it is written, from `#` on. */
  readonly text: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/** What the lexer adds to the text, and the mark of its encoding: nobody sees these. */
const marks: ReadonlySet<string> = new Set([CST.BOM, CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]);

/** The comments of a YAML or JSON text, in their order. */
export function commentsIn(text: string): readonly Comment[] {
  if (!text.includes('#')) return [];
  const comments: Comment[] = [];
  let [line, column] = [1, 1];
  let previous = '';
  for (const lexeme of new Lexer().lex(text)) {
    // What follows the mark of a plain scalar is its text, whatever it looks like.
    if (lexeme.startsWith('#') && previous !== CST.SCALAR) comments.push({ text: lexeme, line, column });
    previous = lexeme;
    if (marks.has(lexeme)) continue;
    const lines = lexeme.split('\n');
    line += lines.length - 1;
    column = (lines.length === 1 ? column : 1) + (lines.at(-1)?.length ?? 0);
  }
  return comments;
}
