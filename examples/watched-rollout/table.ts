import { styleText } from 'node:util';
import type { RolloutStatus, Verdict } from 'halyard';

type Color = 'green' | 'red' | 'yellow' | 'dim';

const colors: Readonly<Record<RolloutStatus['status'], Color>> = {
  waiting: 'dim',
  off: 'dim',
  running: 'yellow',
  paused: 'yellow',
  completed: 'green',
  'rolled-back': 'red',
};

/** How the rollouts stand, as lines for a terminal. */
export function tableOf(rollouts: readonly RolloutStatus[], seconds: number): readonly string[] {
  const head = ['flag'.padEnd(14), 'share'.padStart(6), '', 'errors in / out'.padEnd(18), 'the controller'].join('  ');
  return [styleText('dim', `${head.padEnd(90)} ${seconds.toFixed(0).padStart(4)} s`), ...rollouts.map(lineOf)];
}

function lineOf({ flagKey, status, percentage, decision }: RolloutStatus): string {
  const color = colors[status];
  const bar = '█'.repeat(Math.round(percentage / 5)).padEnd(20, '·');
  const said = status === 'running' ? (decision?.reason ?? 'begins') : status.replace('-', ' ');
  const cells = [flagKey.padEnd(14), `${percentage} %`.padStart(6), bar, ratesOf(decision?.verdicts).padEnd(18), said];
  return styleText(color, cells.join('  '));
}

function ratesOf(verdicts: readonly Verdict[] = []): string {
  const rates = verdicts.find((verdict) => verdict.rates !== undefined)?.rates;
  return rates === undefined ? '' : `${percent(rates.in)} / ${percent(rates.out)}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Draws lines over those that were drawn last; where there is no terminal, it draws nothing. */
export function createScreen(): (lines: readonly string[]) => void {
  let drawn = 0;
  return (lines) => {
    if (!process.stdout.isTTY) return;
    const up = drawn === 0 ? '' : `\u001b[${drawn}A`;
    const width = process.stdout.columns;
    process.stdout.write(up + lines.map((line) => `\u001b[2K${cut(line, width)}\n`).join(''));
    drawn = lines.length;
  };
}

/** A line that wraps would be counted as one, and drawn over twice. Colours take no room. */
function cut(line: string, width: number): string {
  const plain = line.replaceAll(/\u001b\[\d+m/g, '');
  return plain.length <= width ? line : plain.slice(0, width);
}
