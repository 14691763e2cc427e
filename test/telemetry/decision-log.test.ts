import { createHmac } from 'node:crypto';
import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FlagDocument } from '../../src/flags/flag-document.js';
import { createHalyard } from '../../src/create-halyard.js';
import type { Halyard } from '../../src/halyard.js';
import { RUNTIME } from '../../src/runtime/runtime.js';
import { consoleLogger, type Logger } from '../../src/runtime/logger.js';
import { memoryStore } from '../../src/stores/memory-store.js';
import { startDecisionLog } from '../../src/telemetry/decision-log.js';
import type { DecisionLogOptions } from '../../src/telemetry/decision-log-options.js';
import { quietLogger } from './quiet-logger.js';

const document: FlagDocument = {
  version: 1,
  flags: {
    checkout: { rules: [{ name: 'pro', when: { plan: 'pro' }, serve: 'on' }], rollout: 50 },
    payments: {},
  },
};

const key = 'a secret of 24 bytes ...';
const halyards: Halyard[] = [];

afterEach(async () => {
  await Promise.all(halyards.splice(0).map((halyard) => halyard.close()));
});

interface Line extends Record<string, unknown> {
  readonly level: number;
}

/** A pino logger and the lines that it wrote. */
function capture(level = 'debug'): { logger: Logger; lines: Line[]; text: () => string } {
  const written: string[] = [];
  const lines: Line[] = [];
  const write = (line: string): void => {
    written.push(line);
    lines.push(JSON.parse(line) as Line);
  };
  return { logger: pino({ level }, { write }), lines, text: () => written.join('') };
}

async function open(decisionLog: DecisionLogOptions, logger: Logger = quietLogger, context = {}): Promise<Halyard> {
  const halyard = await createHalyard({ store: memoryStore(document), logger, decisionLog, context });
  halyards.push(halyard);
  return halyard;
}

describe('the decision log', () => {
  it('says which flag, which answer, why, in which request and for which unit, under a pseudonym', async () => {
    const { logger, lines } = capture();
    const halyard = await open({ sampleRate: 1, logger, key });
    const { evaluator } = halyard[RUNTIME];
    const snapshot = halyard[RUNTIME].snapshot({ route: '/pay/:id', id: 'request-1' });
    evaluator.read('boolean', 'checkout', false, { targetingKey: 'user-1', plan: 'pro' }, snapshot);
    halyard.boolean('checkout', false, { targetingKey: 'user-1' });
    halyard.boolean('checkout', false);
    halyard.boolean('nope', false, { targetingKey: 7 });

    const version = halyard.health().version;
    const pseudonym = (unit: string) => createHmac('sha256', key).update(unit).digest('hex').slice(0, 32);
    const common = {
      level: 30,
      time: expect.any(Number),
      pid: expect.any(Number),
      hostname: expect.any(String),
      version,
    };
    const msg = 'Flag evaluated';
    expect(lines).toEqual([
      {
        ...common,
        msg,
        flagKey: 'checkout',
        variant: 'on',
        reason: 'TARGETING_MATCH',
        rule: 'pro',
        assignment: 'targeted',
        route: '/pay/:id',
        requestId: 'request-1',
        unit: pseudonym('user-1'),
      },
      {
        ...common,
        msg,
        flagKey: 'checkout',
        variant: expect.any(String),
        reason: 'SPLIT',
        assignment: expect.stringMatching(/^(in|out)$/),
        unit: pseudonym('user-1'),
      },
      { ...common, msg, flagKey: 'checkout', reason: 'ERROR', errorCode: 'TARGETING_KEY_MISSING' },
      { ...common, msg, flagKey: 'nope', reason: 'ERROR', errorCode: 'FLAG_NOT_FOUND', unit: pseudonym('7') },
    ]);
  });

  it('contains neither unit, context nor key as they are, and no unit at all without a key', async () => {
    const { logger, text, lines } = capture();
    const context = { targetingKey: 'unit-4711', email: 'ana@example.com', plan: 'secret-plan' };
    const keyed = await open({ sampleRate: 1, logger, key });
    const keyless = await open({ sampleRate: 1, logger });
    for (const halyard of [keyed, keyless]) {
      halyard.boolean('checkout', false, context);
      halyard.details('checkout', 'a default', context);
    }
    expect(text()).not.toMatch(/unit-4711|example\.com|secret|24 bytes|a default/);
    expect(lines.map((line) => 'unit' in line)).toEqual([true, true, false, false]);
  });

  it('takes the unit of the static context where the evaluation brings none', async () => {
    const { logger, lines } = capture();
    const halyard = await open({ sampleRate: 1, logger, key }, quietLogger, { targetingKey: 'worker-1' });
    halyard.boolean('payments', true);
    expect(lines[0]!['unit']).toBe(createHmac('sha256', key).update('worker-1').digest('hex').slice(0, 32));
  });

  it('samples units: in or out for all flags, over time, on every instance, and more of them at a higher rate', async () => {
    const sampled = async (sampleRate: number): Promise<string[]> => {
      const { logger, lines } = capture();
      const halyard = await open({ sampleRate, logger, key });
      for (let unit = 0; unit < 10_000; unit += 1) {
        halyard.boolean('checkout', false, { targetingKey: `user-${unit}` });
        halyard.boolean('payments', false, { targetingKey: `user-${unit}` });
      }
      const [one, other] = ['checkout', 'payments'].map((flag) =>
        lines.filter(({ flagKey }) => flagKey === flag).map(({ unit }) => unit as string),
      );
      expect(one).toEqual(other);
      return one!;
    };
    const [low, again, high] = [await sampled(0.1), await sampled(0.1), await sampled(0.2)];
    expect(low).toEqual(again);
    expect(new Set(high)).toEqual(new Set([...high, ...low]));
    expect(low.length / 10_000).toBeCloseTo(0.1, 1);
    expect(high.length / 10_000).toBeCloseTo(0.2, 1);
  });

  it('samples 1 % of units unless told otherwise', async () => {
    const { logger, lines } = capture();
    const halyard = await open({ logger });
    for (let unit = 0; unit < 20_000; unit += 1) halyard.boolean('payments', false, { targetingKey: `user-${unit}` });
    expect(lines.length).toBeGreaterThan(150);
    expect(lines.length).toBeLessThan(250);
  });

  it('samples evaluations without a unit by chance', async () => {
    const { logger, lines } = capture();
    const halyard = await open({ sampleRate: 0 });
    let chance = 0.24;
    const stop = startDecisionLog({ sampleRate: 0.25, logger }, halyard[RUNTIME], quietLogger, () => chance);
    halyard.boolean('payments', false);
    chance = 0.25;
    halyard.boolean('payments', false);
    expect(lines).toHaveLength(1);
    stop();
    chance = 0;
    halyard.boolean('payments', false);
    expect(lines).toHaveLength(1);
  });

  it('is kept to some flags, and to a level', async () => {
    const { logger, lines } = capture();
    const halyard = await open({ sampleRate: 1, logger, flags: ['payments', 'constructor'], level: 'debug' });
    halyard.boolean('payments', false);
    halyard.boolean('checkout', false);
    expect(lines.map(({ flagKey, level }) => [flagKey, level])).toEqual([['payments', 20]]);
  });

  it('writes nothing at rate 0, and listens to nothing', async () => {
    const { logger, lines } = capture();
    const halyard = await open({ sampleRate: 0, logger });
    const on = vi.spyOn(halyard[RUNTIME].listeners, 'on');
    startDecisionLog({ sampleRate: 0, logger }, halyard[RUNTIME], quietLogger);
    halyard.boolean('payments', false);
    expect(lines).toEqual([]);
    expect(on).not.toHaveBeenCalled();
  });

  it('uses the Halyard’s logger by default, ends with it, and warns where that one drops everything', async () => {
    const { logger, lines } = capture('info');
    const halyard = await open({ sampleRate: 1 }, logger);
    lines.length = 0;
    halyard.boolean('payments', false);
    await halyard.close();
    halyard.boolean('payments', false);
    expect(lines.filter(({ msg }) => msg === 'Flag evaluated')).toHaveLength(1);

    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    await open({ sampleRate: 1 }, consoleLogger);
    expect(warn.mock.calls.join()).toContain('Set `decisionLog.logger`');
    warn.mockRestore();
  });

  it('shortens what strangers can make long', async () => {
    const { logger, text } = capture();
    const halyard = await open({ sampleRate: 1, logger });
    const { evaluator } = halyard[RUNTIME];
    const request = { route: undefined, id: 'r'.repeat(1 << 20) };
    evaluator.read('boolean', 'k'.repeat(1 << 20), false, {}, halyard[RUNTIME].snapshot(request));
    expect(text().length).toBeLessThan(1_000);
  });

  it('harms nobody with a logger that throws or rejects, or a context that throws', async () => {
    const fail = (): never => {
      throw new Error('disk full');
    };
    const throwing = await open({ sampleRate: 1, logger: { debug: fail, info: fail, warn: fail, error: fail } });
    expect(throwing.boolean('payments', false)).toBe(true);
    const info: () => unknown = () => Promise.reject(new Error('disk full'));
    const rejecting = await open({
      sampleRate: 1,
      logger: { ...quietLogger, info },
    });
    expect(rejecting.boolean('payments', false)).toBe(true);

    const { logger, lines } = capture();
    const halyard = await open({ sampleRate: 1, logger, key });
    const hostile = {
      get targetingKey(): string {
        throw new Error('user-1');
      },
    };
    expect(halyard.boolean('payments', false, hostile)).toBe(true);
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toHaveProperty('unit');
    await new Promise((resolve) => setImmediate(resolve));
  });

  it.each<[object, string]>([
    [{ sampleRate: 5 }, 'decisionLog: option `sampleRate`: expected a number from 0 to 1, found 5.'],
    [{ sampleRate: NaN }, 'decisionLog: option `sampleRate`: expected a number from 0 to 1, found NaN.'],
    [{ sampleRate: '1' }, 'decisionLog: option `sampleRate`: expected a number from 0 to 1, found "1".'],
    [
      { key: 'short-secret' },
      'decisionLog: option `key`: expected a text or bytes, at least 16 bytes long, found something else.',
    ],
    [{ key: 5 }, 'decisionLog: option `key`: expected a text or bytes, at least 16 bytes long, found something else.'],
    [
      { flags: 'payments' },
      'decisionLog: option `flags`: expected a list of flag keys, at least one, found "payments".',
    ],
    [{ flags: [] }, 'decisionLog: option `flags`: expected a list of flag keys, at least one, found [].'],
    [{ level: 'warn' }, 'decisionLog: option `level`: expected info or debug, found "warn".'],
    [
      { logger: console.log },
      'decisionLog: option `logger`: expected a logger with debug, info, warn and error, found a function.',
    ],
    [{ samplerate: 1 }, 'decisionLog: unknown option `samplerate`. Did you mean `sampleRate`?'],
  ])('refuses %j', async (options, message) => {
    await expect(open(options as DecisionLogOptions)).rejects.toThrow(new TypeError(message));
  });

  it('takes a key of bytes', async () => {
    const { logger, lines } = capture();
    const halyard = await open({ sampleRate: 1, logger, key: Buffer.from(key) });
    halyard.boolean('payments', false, { targetingKey: 'user-1' });
    expect(lines[0]!['unit']).toBe(createHmac('sha256', key).update('user-1').digest('hex').slice(0, 32));
  });
});
