import { harmless } from './harmless.js';

/** Where Halyard writes: pino's shape, so that a pino logger fits as it is. Nothing is ever logged during an evaluation. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Warnings and errors to the console, as one text each; nothing else. */
export const consoleLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (_fields, message) => console.warn(`halyard: ${message}`),
  error: (_fields, message) => console.error(`halyard: ${message}`),
};

/** A logger that never throws or rejects: whoever logs is serving flags, and must not stop because a transport did. */
export function guardLogger(logger: Logger): Logger {
  const guard = (level: keyof Logger): Logger[typeof level] =>
    harmless((fields: object, message: string) => logger[level](fields, message));
  return { debug: guard('debug'), info: guard('info'), warn: guard('warn'), error: guard('error') };
}
