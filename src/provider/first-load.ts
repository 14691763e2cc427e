import type { Runtime } from '../runtime/runtime.js';

/**
 * Resolves when the first load has ended, well or not, or after `timeoutMs`. Never rejects; its timer doesn't keep the
 * process alive. Only for a runtime that has loaded nothing yet.
 */
export function firstLoadEnds(runtime: Runtime, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      for (const stop of stops) stop();
      resolve();
    };
    const stops = [
      runtime.listeners.on('ready', end),
      runtime.listeners.on('error', () => {
        // A document of which only some flags are refused is an error too, told just before `ready`.
        if (runtime.version === undefined) end();
      }),
    ];
    const timer = setTimeout(end, timeoutMs).unref();
  });
}
