import { Command } from 'commander';
import type { FlagState } from '../../flags/flag-state.js';
import type { Answer } from '../answer.js';
import { type ControlRoom, controlling } from '../changes/control-room.js';
import { makeChange } from '../changes/make-change.js';
import { parseSpan } from '../changes/span.js';
import { holdingKill, instant, killInWords } from '../changes/standing-notes.js';
import type { TracedStore } from '../changes/traced-store.js';
import { type WriteOptions, withWriteOptions } from '../changes/write-options.js';
import { errorText } from '../error-text.js';
import { withExamples } from '../examples.js';
import { unknownFlag } from '../served-flags.js';
import { answering, type Session } from '../session.js';
import type { Terminal } from '../terminal.js';

interface KillOptions extends WriteOptions {
  readonly for?: string;
  readonly create?: boolean;
}

export function killCommand(session: Session): Command {
  const command = new Command('kill')
    .summary('switch a flag off on every instance, at once')
    .description(
      'Switches a flag off on every instance, whatever its rules say, and leaves the document alone. It works while the document is broken or gone, too.',
    )
    .argument('<flag>', 'its key')
    .option('--for <time>', 'it ends by itself after 90s, 30m, 2h or 1d. Default: when somebody restores the flag')
    .option('--create', 'also a key that no document has yet');
  withWriteOptions(command, { reason: 'required' });
  withExamples(command, {
    'halyard kill payments --reason "INC-42: double charges" --wait': 'off, and wait until it is everywhere',
    'halyard kill search --reason overload --for 30m': 'off for half an hour',
  });
  return answering(command, session, (key: string, options: KillOptions) => kill(key, options, session.terminal));
}

async function kill(key: string, options: KillOptions, terminal: Terminal): Promise<Answer> {
  const forSeconds = options.for === undefined ? undefined : parseSpan('--for', options.for);
  const now = terminal.now();
  const until = forSeconds === undefined ? Infinity : now + forSeconds * 1000;
  return await makeChange(options, terminal, {
    reason: `halyard kill ${key}`,
    change: (store, said) =>
      controlling(store, terminal.now, async (room) => {
        if (options.create !== true) expectKnown(room, key, store);
        const standing = standingKill(room.runtime.state, key, now, until);
        if (standing === undefined) await room.killSwitch.kill(key, { ...said, forSeconds, create: true });
        return {
          done: `${key} is off on every instance${until === Infinity ? ', until somebody restores it' : ` until ${instant(until)}`}.`,
          already: `${key} is off already: killed ${standing ?? 'meanwhile'}.`,
          notes: room.failure === undefined ? [] : [unreadable(key, room.failure)],
        };
      }),
  });
}

/** Whose kill lasts as long already, in words. */
function standingKill({ kills }: FlagState, key: string, now: number, until: number): string | undefined {
  const standing = holdingKill(kills.get(key), now);
  return standing !== undefined && (standing.until ?? Infinity) >= until ? killInWords(standing) : undefined;
}

/** @throws CommandError unless the flag is there, or nobody can know */
function expectKnown({ runtime, failure }: ControlRoom, key: string, { name }: TracedStore): void {
  const parsed = runtime.served?.parsed;
  if (failure !== undefined || parsed === undefined || parsed.flags.has(key) || parsed.refused.has(key)) return;
  const advice = ' To switch off a key that is yet to come: --create';
  throw unknownFlag(key, [...parsed.flags.keys(), ...parsed.refused], name, advice);
}

const unreadable = (key: string, failure: Error): string =>
  `Whether there is a flag ${key} can't be told: ${errorText(failure)}`;
