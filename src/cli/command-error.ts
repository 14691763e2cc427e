import type { ExitCode } from './exit-code.js';

/** A command can't answer. The message says why and what would be right; whoever reads it needs no stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
