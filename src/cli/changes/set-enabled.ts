import type { Answer } from '../answer.js';
import type { Terminal } from '../terminal.js';
import { makeChange } from './make-change.js';
import { standingNotes } from './standing-notes.js';
import type { WriteOptions } from './write-options.js';
import { withWrittenFlag, writtenFlag } from './written-flags.js';

/** Writes a flag's `enabled`. */
export async function setEnabled(
  key: string,
  enabled: boolean,
  options: WriteOptions,
  terminal: Terminal,
): Promise<Answer> {
  const word = enabled ? 'enabled' : 'disabled';
  return await makeChange(options, terminal, {
    reason: `halyard ${enabled ? 'enable' : 'disable'} ${key}`,
    change: async (store, said) => {
      const stored = await store.update((document) => {
        const flag = writtenFlag(document, key, store.name);
        return (flag.enabled ?? true) === enabled ? document : withWrittenFlag(document, key, { ...flag, enabled });
      }, said);
      return {
        done: `${key} is ${word}.`,
        already: `${key} is ${word} already.`,
        notes: enabled ? standingNotes(key, stored, terminal.now()) : [],
      };
    },
  });
}
