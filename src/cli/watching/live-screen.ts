import type { Paper, Terminal } from '../terminal.js';

const ESC = '\u001b';

/**
 * A text that is written again in its place. Each line is overwritten and only its rest is cleared, in one write, so that
 * nothing flickers; what stood above stays.
 */
export class LiveScreen {
  readonly isLive: boolean;
  readonly #terminal: Terminal;
  #lines: readonly string[] = [];

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.isLive = terminal.paper.rows !== undefined;
  }

  /** Shows a text instead of the one before; what the screen can't hold is cut off, for it could not be overwritten. */
  show(draw: (paper: Paper) => string): void {
    const { paper, out } = this.#terminal;
    const begin = this.#lines.length === 0 ? `${ESC}[?25l` : this.#up();
    this.#lines = draw(paper)
      .split('\n')
      .slice(0, Math.max(1, (paper.rows ?? Infinity) - 1));
    out(`${begin}${this.#text()}`);
  }

  /** The same terminal for what comes to stand above the text, and stays there. */
  above(): Terminal {
    const { out, err } = this.#terminal;
    return {
      ...this.#terminal,
      out: (text) => this.#above(() => out(text)),
      err: (text) => this.#above(() => err(text)),
    };
  }

  /** Leaves the last text where it is, and the cursor visible below it. */
  leave(): void {
    if (this.#lines.length > 0) this.#terminal.out(`${ESC}[?25h`);
    this.#lines = [];
  }

  #above(write: () => void): void {
    const { out } = this.#terminal;
    if (this.#lines.length > 0) out(`${this.#up()}${ESC}[J`);
    write();
    if (this.#lines.length > 0) out(this.#text());
  }

  #up(): string {
    return `${ESC}[${this.#lines.length}A\r`;
  }

  #text(): string {
    return `${this.#lines.map((line) => `${line}${ESC}[K\n`).join('')}${ESC}[J`;
  }
}
