import { describe, expect, it, vi } from 'vitest';
import type { FlagDocument, WrittenFlag } from '../../src/flags/flag-document.js';
import { FlagDocumentError } from '../../src/flags/problem.js';
import { memoryStore } from '../../src/stores/memory-store.js';
import { holdsTheContract } from '../contracts/store.js';
import { emptyFlagState } from '../../src/flags/flag-state.js';

holdsTheContract('memoryStore', {
  create: memoryStore,
  open: (store) => store,
  keepsFleet: true,
  keepsUsage: true,
  keepsLeases: true,
});

const document: FlagDocument = { version: 1, flags: { a: { rollout: 1 }, b: { rollout: 2 } } };
const why = { by: 'ana', reason: 'because' };

describe('memoryStore', () => {
  it('starts empty without a document', async () => {
    expect((await memoryStore().load()).document).toEqual({ version: 1, flags: {} });
  });

  it('throws for a document with errors, at construction and when it is set', async () => {
    const wrong = { version: 1, flags: { a: { rollout: 'ten' } } } as unknown as FlagDocument;
    expect(() => memoryStore(wrong)).toThrow(FlagDocumentError);
    const store = memoryStore(document);
    expect(() => store.set(wrong)).toThrow(FlagDocumentError);
    expect((await store.load()).document).toEqual(document);
  });

  it('tells of a document that is set, and keeps the state', async () => {
    const store = memoryStore(document);
    const before = await store.updateState(
      () => ({ ...emptyFlagState, kills: new Map([['a', { at: 0, by: 'ana', reason: 'x' }]]) }),
      why,
    );
    const onChange = vi.fn();
    store.watch(onChange);
    store.set({ version: 1, flags: { c: {} } });
    expect(onChange).toHaveBeenCalledOnce();
    const after = await store.load();
    expect(after.document).toEqual({ version: 1, flags: { c: {} } });
    expect(after.state.kills.has('a')).toBe(true);
    expect(after.version).not.toBe(before.version);
  });

  it('is not affected by what happens to the object afterwards', async () => {
    const mine = { version: 1 as const, flags: { a: { rollout: 1 } } };
    const store = memoryStore(mine);
    mine.flags.a.rollout = 100;
    expect((await store.load()).document).toEqual({ version: 1, flags: { a: { rollout: 1 } } });
  });

  it('gives what nobody can change', async () => {
    const { document: stored } = await memoryStore(document).load();
    expect(() => {
      (stored as { flags: Record<string, WrittenFlag> }).flags['c'] = {};
    }).toThrow(TypeError);
  });

  it('keeps the identity of flags that stay the same', async () => {
    const store = memoryStore(document);
    const before = (await store.load()).document as FlagDocument;
    store.set({ version: 1, flags: { a: { rollout: 50 }, b: { rollout: 2 } } });
    const after = (await store.load()).document as FlagDocument;
    expect(after.flags['b']).toBe(before.flags['b']);
    expect(after.flags['a']).not.toBe(before.flags['a']);
    expect((await store.load()).document).toBe(after);
  });

  it('hands on what it has parsed, so that nobody parses it again', async () => {
    const store = memoryStore(document);
    const before = (await store.load()).parsed;
    store.set({ version: 1, flags: { a: { rollout: 50 }, b: { rollout: 2 } } });
    const after = (await store.load()).parsed;
    expect(before?.flags.size).toBe(2);
    expect(after?.flags.get('a')).not.toEqual(before?.flags.get('a'));
    expect(after?.flags.get('b')).toBe(before?.flags.get('b'));
  });

  it('has a version that no other store has', async () => {
    const versions = await Promise.all(
      [memoryStore(), memoryStore()].map(async (store) => (await store.load()).version),
    );
    expect(versions[0]).toMatch(/^memory-[0-9a-f]+:0$/);
    expect(versions[0]).not.toBe(versions[1]);
  });
});
