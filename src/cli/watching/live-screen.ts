import type { Paper, Terminal } from '../terminal.js';

const ESC = '\u001b';

/**
 * A text that is written again in its place. Each line is overwritten and only its rest is cleared, in one write, so that
 * nothing flickers; what stood above stays.
 */
export class LiveScreen {
  readonly isLive: boolean;
  readonly #terminal: Terminal;
  #lines = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.isLive = terminal.paper.rows !== undefined;
  }

  /** Shows a text instead of the one before; what the screen can't hold is cut off, for it could not be overwritten. */
  show(draw: (paper: Paper) => string): void {
    const { paper, out } = this.#terminal;
    const lines = draw(paper)
      .split('\n')
      .slice(0, Math.max(1, (paper.rows ?? Infinity) - 1));
    const up = this.#lines === 0 ? `${ESC}[?25l` : `${ESC}[${this.#lines}A\r`;
    out(`${up}${lines.map((line) => `${line}${ESC}[K\n`).join('')}${ESC}[J`);
    this.#lines = lines.length;
  }

  /** Leaves the last text where it is, and the cursor visible below it. */
  leave(): void {
    if (this.#lines > 0) this.#terminal.out(`${ESC}[?25h`);
    this.#lines = 0;
  }
}
