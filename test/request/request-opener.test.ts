import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { NOOP_TRANSACTION_CONTEXT_PROPAGATOR, OpenFeature } from '@openfeature/server-sdk';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EvaluationContext } from '../../src/evaluation/evaluation-context.js';
import { createHalyard } from '../../src/create-halyard.js';
import type { Halyard } from '../../src/halyard.js';
import { createKillSwitchGuard } from '../../src/request/kill-switch-guard.js';
import { createRequestOpener } from '../../src/request/request-opener.js';
import type { RequestTranslation } from '../../src/request/request-translation.js';
import { RUNTIME } from '../../src/runtime/runtime.js';
import { memoryStore } from '../../src/stores/memory-store.js';
import { proUser, SECRET, shop, silent } from '../contracts/adapter/bench.js';

class FakeRequest extends EventEmitter {
  user: string | undefined;
  readonly id: unknown = 'own-id';
  /** Where a framework has another object besides. */
  carrier: object | undefined;
  readonly response = Object.assign(new EventEmitter(), { req: this }) as unknown as ServerResponse;
  readonly headers: Record<string, string> = {};
}

const translation: RequestTranslation<FakeRequest> = {
  carrier: (request) => request.carrier ?? request,
  response: ({ response }) => response,
  header: ({ headers }, name) => headers[name],
  isSecure: () => false,
  route: () => '/route',
  id: ({ id }) => id,
};

describe('createRequestOpener', () => {
  let halyard: Halyard;
  beforeEach(async () => {
    halyard = await createHalyard({ store: memoryStore(shop), logger: silent() });
  });
  afterEach(async () => {
    await halyard.close();
    OpenFeature.setTransactionContextPropagator(NOOP_TRANSACTION_CONTEXT_PROPAGATOR);
  });

  it('is called with one object and leaves the flags on another, where a framework has two', () => {
    const open = createRequestOpener(
      halyard[RUNTIME],
      { context: ({ user }) => ({ targetingKey: user }) },
      translation,
    );
    const carrier = {};
    const source = Object.assign(new FakeRequest(), { user: 'ana', carrier });
    const { flags } = open(source);
    expect(flags.context).toEqual({ targetingKey: 'ana' });
    const killable = createKillSwitchGuard(halyard, 'pro-payments', {});
    flags.identify(proUser);
    expect(killable(carrier)).toBeDefined();
    expect(killable(source)).toBeUndefined();
    expect(Object.keys(carrier)).toEqual([]);
  });

  it('waits for nothing unless the context is async', async () => {
    const plain = createRequestOpener(halyard[RUNTIME], { context: () => proUser }, translation);
    expect(plain(new FakeRequest()).settle()).toBeUndefined();
    const awaited = createRequestOpener(
      halyard[RUNTIME],
      { context: async () => Promise.resolve(proUser) },
      translation,
    );
    const opened = awaited(new FakeRequest());
    await expect(opened.settle()).resolves.toBeUndefined();
    expect(opened.flags.context).toEqual(proUser);
  });

  it('drops a context that comes too late, and leaves no timer', async () => {
    vi.useFakeTimers();
    try {
      const errors: unknown[] = [];
      halyard.on('contextError', ({ error }) => errors.push(error));
      let arrive: (context: EvaluationContext) => void = () => undefined;
      const context = async () => new Promise<EvaluationContext>((resolve) => (arrive = resolve));
      const opened = createRequestOpener(halyard[RUNTIME], { context }, translation)(new FakeRequest());
      const settled = opened.settle();
      expect(opened.settle()).toBe(settled);
      const before = vi.getTimerCount();
      await vi.advanceTimersByTimeAsync(999);
      expect(errors).toEqual([]);
      await vi.advanceTimersByTimeAsync(1);
      await settled;
      arrive(proUser);
      await vi.advanceTimersByTimeAsync(0);
      expect(opened.flags.context).toEqual({});
      expect(errors).toEqual([new Error('`context` took longer than 1000 ms (contextTimeoutMs).')]);
      expect(vi.getTimerCount()).toBe(before - 1);
    } finally {
      vi.useRealTimers();
    }
  });

  it('lets the context read a flag, which is evaluated without it', () => {
    const seen: unknown[] = [];
    const context = (request: FakeRequest) => {
      seen.push(
        (request as unknown as { flags: { boolean: (key: string, fallback: boolean) => boolean } }).flags.boolean(
          'pro-feature',
          false,
        ),
      );
      return proUser;
    };
    const request = new FakeRequest();
    const { flags } = createRequestOpener(halyard[RUNTIME], { context }, translation)(request);
    Object.assign(request, { flags });
    expect(flags.boolean('pro-feature', false)).toBe(true);
    expect(seen).toEqual([false]);
  });

  it('runs listeners inside, but those of a deeper transaction there', () => {
    const request = new FakeRequest();
    const opened = createRequestOpener(halyard[RUNTIME], { context: () => proUser }, translation)(request);
    const seen: unknown[] = [];
    request.on('end', () => seen.push({ ...OpenFeature.getTransactionContext() }['targetingKey']));
    request.emit('end');
    opened.run(() => {
      const deeper = { ...OpenFeature.getTransactionContext(), targetingKey: 'deeper' };
      OpenFeature.setTransactionContext(deeper, () => request.emit('end'));
    });
    expect(seen).toEqual(['ana', 'deeper']);
    expect(OpenFeature.getTransactionContext()).toEqual({});
  });

  it.each([
    ['the header', { 'x-request-id': 'abc-123' }, 'abc-123'],
    ['the id on the request where the header is too long', { 'x-request-id': 'x'.repeat(129) }, 'own-id'],
    ['the id on the request where the header breaks a line', { 'x-request-id': 'a\nb' }, 'own-id'],
    ['the id on the request', {}, 'own-id'],
  ])('takes for the request’s id %s', (_, headers, expected) => {
    let id: unknown;
    halyard.on('evaluation', ({ request }) => (id = request?.id));
    const request = Object.assign(new FakeRequest(), { headers });
    createRequestOpener(halyard[RUNTIME], {}, translation)(request).flags.boolean('payments', false);
    expect(id).toBe(expected);
  });

  it('works beside another copy of this package on the same request', async () => {
    vi.resetModules();
    const copy = await import('../../src/request/request-opener.js');
    expect(copy.createRequestOpener).not.toBe(createRequestOpener);
    const options = { context: ({ user }: FakeRequest) => ({ targetingKey: user }), anonymous: { secret: SECRET } };
    const request = new FakeRequest();
    const outer = copy.createRequestOpener(halyard[RUNTIME], options, translation)(request);
    const inner = createRequestOpener(halyard[RUNTIME], options, translation)(request);
    expect(inner.setCookie).toBeUndefined();
    expect(createKillSwitchGuard(halyard, 'pro-payments', {})(request)).toBeUndefined();
    inner.flags.identify(proUser);
    expect(outer.flags.context).toEqual(inner.flags.context);
    expect(inner.flags.boolean('pro-feature', false)).toBe(true);
  });
});
