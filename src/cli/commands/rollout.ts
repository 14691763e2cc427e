import { Command } from 'commander';
import type { Answer } from '../answer.js';
import { parsePercentage } from '../changes/percentage-text.js';
import { type PercentageOptions, setPercentage } from '../changes/set-percentage.js';
import { type RolloutStep, steerRollout } from '../changes/steer-rollout.js';
import { withWriteOptions } from '../changes/write-options.js';
import { CommandError } from '../command-error.js';
import { withExamples } from '../examples.js';
import { EXIT } from '../exit-code.js';
import { answering, type Session } from '../session.js';
import type { Terminal } from '../terminal.js';

interface RolloutOptions extends PercentageOptions {
  readonly pause?: boolean;
  readonly resume?: boolean;
  readonly approve?: boolean;
  readonly promote?: boolean;
  readonly rollback?: boolean;
  readonly restart?: boolean;
  readonly stage?: string;
}

export function rolloutCommand(session: Session): Command {
  const command = new Command('rollout')
    .summary('set the share of units that a flag serves, or steer a watched rollout')
    .description(
      'Sets the share of units that are in, in percent. A watched rollout (one with `checks`) is steered by the options instead.',
    )
    .argument('<flag>', 'its key')
    .argument('[percentage]', 'from 0 to 100')
    .option('--pause', 'keep a watched rollout at its stage')
    .option('--resume', 'let a paused one go on')
    .option('--approve', 'let it leave a stage that needs approval')
    .option('--promote', 'go to the next stage now')
    .option('--stage <number>', 'go to this stage now, from 1; with --restart, begin there')
    .option('--rollback', 'serve it to nobody')
    .option('--restart', 'begin again at the first stage')
    .option('--force', 'a percentage: also in the place of a plan; --restart: also while it rests after a rollback');
  withWriteOptions(command);
  withExamples(command, {
    'halyard rollout new-checkout 25': 'a quarter of all units',
    'halyard rollout new-checkout 50 --wait --json': 'for a program, once it is everywhere',
    'halyard rollout new-search --pause --reason "INC-7"': 'keep a watched one where it is',
  });
  return answering(command, session, (key: string, percentage: string | undefined, options: RolloutOptions) =>
    rollOut(key, percentage, options, session.terminal),
  );
}

async function rollOut(
  key: string,
  percentage: string | undefined,
  options: RolloutOptions,
  terminal: Terminal,
): Promise<Answer> {
  const steps = stepsOf(options);
  const [step] = steps;
  if (steps.length + (percentage === undefined ? 0 : 1) !== 1) throw oneThing(key);
  if (step !== undefined) return await steerRollout(key, step, options, terminal);
  return await setPercentage(key, parsePercentage('percentage', percentage ?? ''), options, terminal);
}

const oneThing = (key: string): CommandError =>
  new CommandError(
    EXIT.usage,
    `Say one thing: a percentage (halyard rollout ${key} 25), or --pause, --resume, --approve, --promote, --stage N, --rollback or --restart.`,
  );

/** What the options ask for; should be one thing. */
function stepsOf({ restart, stage, force, ...options }: RolloutOptions): readonly RolloutStep[] {
  const number = stage === undefined ? undefined : parseStage(stage);
  const plain = plainSteps.filter(({ option }) => options[option] === true);
  if (restart === true) return [...plain, restartStep(number, force)];
  return number === undefined ? plain : [...plain, stageStep(number)];
}

type PlainOption = 'pause' | 'resume' | 'approve' | 'promote' | 'rollback';

const plainSteps: readonly (RolloutStep & { readonly option: PlainOption })[] = [
  {
    option: 'pause',
    name: '--pause',
    done: 'is paused',
    isSo: (progress) => progress?.status === 'paused',
    take: (controls, said) => controls.pause(said),
  },
  {
    option: 'resume',
    name: '--resume',
    done: 'goes on',
    isSo: (progress) => progress?.status === 'running',
    take: (controls, said) => controls.resume(said),
  },
  {
    option: 'approve',
    name: '--approve',
    done: 'is approved',
    isSo: (progress) => progress !== undefined && 'approvedBy' in progress && progress.approvedBy !== undefined,
    take: (controls, said) => controls.approve(said),
  },
  {
    option: 'promote',
    name: '--promote',
    done: 'is at its next stage',
    isSo: () => false,
    take: (controls, said) => controls.promote(said),
  },
  {
    option: 'rollback',
    name: '--rollback',
    done: 'is rolled back',
    isSo: (progress) => progress?.status === 'rolled-back',
    take: (controls, said) => controls.rollBack(said),
  },
];

const stageStep = (stage: number): RolloutStep => ({
  name: `--stage ${stage}`,
  done: `is at stage ${stage}`,
  isSo: (progress) => progress?.status === 'running' && progress.stage === stage - 1,
  take: (controls, said) => controls.jump({ ...said, stage }),
});

const restartStep = (stage: number | undefined, force: boolean | undefined): RolloutStep => ({
  name: stage === undefined ? '--restart' : `--restart --stage ${stage}`,
  done: 'begins again',
  isSo: () => false,
  take: (controls, said) => controls.restart({ ...said, stage, force }),
});

function parseStage(text: string): number {
  const stage = Number(text);
  if (Number.isInteger(stage) && stage >= 1) return stage;
  throw new CommandError(EXIT.usage, `--stage: expected the number of a stage, from 1, found ${text}.`);
}
