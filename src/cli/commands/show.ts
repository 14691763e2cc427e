import { Command } from 'commander';
import { stringify } from 'yaml';
import { serializeFlagState } from '../../flags/flag-state-text.js';
import type { FlagLifecycle } from '../../lifecycle/flag-lifecycle.js';
import type { Answer } from '../answer.js';
import { type StoreOptions, usingStore, withStoreOption } from '../addresses/store-option.js';
import { withExamples } from '../examples.js';
import { outcomeInWords, standingOf } from '../flag-summary.js';
import { dayOf, spanInWords } from '../output/relative-time.js';
import { type CommandFlags, flagOf, readFlags } from '../served-flags.js';
import { answering, type Session } from '../session.js';
import type { Colors } from '../terminal.js';
import { lifecycleData, readLifecycles } from '../usage/flag-lifecycles.js';
import { type UsageOptions, withUsageOptions } from '../usage/usage-options.js';

export function showCommand(session: Session): Command {
  const command = new Command('show')
    .summary('one flag: as it is written, and what operations did to it')
    .description(
      'One flag: whether it is on, how old it is and when it ends, when it was last evaluated, as it is written, and what operations did to it: kills, trips, rollouts.',
    )
    .argument('<flag>', 'its key');
  withStoreOption(command);
  withUsageOptions(command);
  withExamples(command, { 'halyard show new-checkout': 'all that there is to know about it' });
  return answering(command, session, (key: string, options: StoreOptions & UsageOptions) =>
    usingStore(options, session.terminal, async (store) => {
      const flags = await readFlags(store, session.terminal.now);
      const { key: known } = flagOf(flags, key);
      const { byKey, notes } = await readLifecycles(flags, store, options, session.terminal);
      return { ...answerWith(flags, known, byKey.get(known), session.terminal.now()), notes };
    }),
  );
}

function answerWith(
  { served, runtime }: CommandFlags,
  key: string,
  life: FlagLifecycle | undefined,
  now: number,
): Answer {
  const written = (served.document as { readonly flags: Readonly<Record<string, unknown>> }).flags[key];
  const compiled = runtime.evaluator.current.set.flags.get(key);
  const standing = compiled === undefined ? 'refused' : standingOf(compiled, served.state.trips.has(key), now);
  const everyone = outcomeInWords(compiled?.outcome, now);
  const { kills, rollouts, trips } = served.state;
  const only = <Entry>(entries: ReadonlyMap<string, Entry>): ReadonlyMap<string, Entry> =>
    new Map(Array.from(entries).filter(([name]) => name === key));
  const state = serializeFlagState({ kills: only(kills), rollouts: only(rollouts), trips: only(trips) });
  const isTouched = kills.has(key) || rollouts.has(key) || trips.has(key);
  return {
    data: { key, standing, everyone, ...(life && lifecycleData(life)), written, state, version: served.version },
    text: ({ colors }) => {
      const { bold, dim, green, red } = colors;
      return [
        `${bold(key)}  ${(standing === 'on' ? green : red)(standing)}  ${everyone}  ${dim(`(version ${served.version})`)}`,
        ...(life === undefined ? [] : lifeInWords(life, now, colors)),
        '',
        stringify({ [key]: written }).trimEnd(),
        ...(isTouched ? ['', dim('# what operations did'), stringify(state).trimEnd()] : []),
      ].join('\n');
    },
  };
}

/** How old a flag is, when it ends, and when it was last evaluated, a line each. */
function lifeInWords(life: FlagLifecycle, now: number, { red, yellow }: Colors): readonly string[] {
  const { created, ageMs, expires, isExpired, expiresBy, lastEvaluatedAt, stage, why } = life;
  const age =
    created === undefined || ageMs === undefined ? 'unknown' : `${spanInWords(ageMs)}, since ${dayOf(created)}`;
  const by = expiresBy === 'lifetime' ? ', by the lifetime of its kind' : '';
  const end = expires === undefined ? 'never' : `${dayOf(expires)}${by}`;
  const evaluated = lastEvaluatedAt && `${spanInWords(now - lastEvaluatedAt.getTime())} ago`;
  return [
    `age:            ${age}`,
    `expires:        ${isExpired ? red(end) : end}`,
    `last evaluated: ${evaluated ?? 'unknown'}`,
    ...(stage === 'active' ? [] : [`${yellow(stage)}: ${why}`]),
  ];
}
