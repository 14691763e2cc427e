import { ChangeFeed, type PushListener } from 'halyard/stores';
import { afterEach, describe, expect, it, vi } from 'vitest';

const patience = { interval: 5 };

const feeds: ChangeFeed[] = [];
afterEach(() => {
  for (const feed of feeds.splice(0)) feed.close();
});

/** A server whose version a test changes. */
function openFeed(version: string): { feed: ChangeFeed; server: { version: string }; ask: ReturnType<typeof vi.fn> } {
  const server = { version };
  const ask = vi.fn(() => Promise.resolve(server.version));
  const feed = new ChangeFeed({ pollMs: 20, ask });
  feeds.push(feed);
  return { feed, server, ask };
}

describe('a feed of changes', () => {
  it('tells whoever loaded what was no longer there when the server was first asked', async () => {
    const { feed, ask } = openFeed('2');
    const onChange = vi.fn();
    feed.watch(onChange);
    await vi.waitFor(() => expect(ask.mock.calls.length).toBeGreaterThan(1), patience);
    expect(onChange).not.toHaveBeenCalled();
    // The load began before the change, and took its time.
    feed.loaded('1');
    await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), patience);
  });

  it('tells those who have not loaded what another has', async () => {
    const { feed, server, ask } = openFeed('1');
    const onChange = vi.fn();
    feed.watch(onChange);
    await vi.waitFor(() => expect(ask.mock.calls.length).toBeGreaterThan(1), patience);
    server.version = '2';
    feed.loaded('2');
    await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), patience);
  });

  it('tells nobody what was loaded and stays so', async () => {
    const { feed, ask } = openFeed('1');
    const onChange = vi.fn();
    feed.watch(onChange);
    feed.loaded('1');
    await vi.waitFor(() => expect(ask.mock.calls.length).toBeGreaterThan(5), patience);
    expect(onChange).not.toHaveBeenCalled();
  });

  it('tells once that a message and an answer said the same', async () => {
    let listener: PushListener | undefined;
    const ask = vi.fn(() => Promise.resolve('1'));
    const feed = new ChangeFeed({
      pollMs: 20,
      ask,
      listen: (given) => {
        listener = given;
        return { close: () => undefined };
      },
    });
    feeds.push(feed);
    const onChange = vi.fn();
    feed.loaded('0');
    feed.watch(onChange);
    listener?.onMessage('1');
    expect(onChange).toHaveBeenCalledTimes(1);
    feed.loaded('1');
    await vi.waitFor(() => expect(ask.mock.calls.length).toBeGreaterThan(5), patience);
    expect(onChange).toHaveBeenCalledTimes(1);
  });
});
