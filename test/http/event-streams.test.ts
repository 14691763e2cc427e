import { afterEach, describe, expect, it, vi } from 'vitest';
import { EventStreams } from '../../src/http/event-streams.js';
import type { BodySink, HttpAnswer, OpenBody } from '../../src/http/http-answer.js';
import { Endings } from '../ofrep/service.js';

const endings = new Endings();
afterEach(() => endings.run());

function createStreams(maxStreams: number): EventStreams {
  const streams = new EventStreams({ heartbeatMs: 60_000, maxStreams });
  endings.add(() => streams.close());
  return streams;
}

const createSink = () => ({ write: vi.fn(() => 0), end: vi.fn(), abort: vi.fn() }) satisfies BodySink;
const open = ({ body }: HttpAnswer, sink: BodySink): void => void (body as OpenBody).open(sink);

describe('event streams', () => {
  it('are not more than they may be, though many were answered before the first was opened', () => {
    const streams = createStreams(1);
    const answers = [streams.answer(() => 'hello\n\n'), streams.answer(() => 'hello\n\n')];
    const [first, second] = [createSink(), createSink()];
    open(answers[0]!, first);
    open(answers[1]!, second);
    streams.send('news\n\n');
    expect(first.write.mock.calls).toEqual([['hello\n\n'], ['news\n\n']]);
    expect(second.write.mock.calls).toEqual([['retry: 30000\n\n']]);
    expect(second.end).toHaveBeenCalledOnce();
  });

  it('end also where they are opened only after the end', () => {
    const streams = createStreams(1);
    const answer = streams.answer(() => 'hello\n\n');
    streams.close();
    const sink = createSink();
    open(answer, sink);
    expect(sink.end).toHaveBeenCalledOnce();
  });
});
