/** Runs a script of this folder in a process of its own, where nothing else was loaded or compiled before. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const LONGEST_MS = 60_000;

/**
 * @param {string} script
 * @param {readonly string[]} args
 * @returns {Promise<any>} what the script sends
 */
export async function measureInChild(script, args) {
  const child = startChild(script, args);
  try {
    return await answerOf(child);
  } finally {
    child.kill();
  }
}

/** @param {string} script @param {readonly string[]} args */
export function startChild(script, args) {
  return fork(fileURLToPath(new URL(script, import.meta.url)), args, { execArgv: ['--expose-gc'] });
}

/**
 * The next message of a child.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @param {unknown} [question] is sent first
 * @throws Error if it ends instead, or takes too long
 */
export async function answerOf(child, question) {
  if (question !== undefined) child.send(question);
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(LONGEST_MS)]);
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`${child.spawnargs.slice(1).join(' ')} ended with code ${code}.`);
  });
  ended.catch(() => undefined);
  try {
    const [answer] = await Promise.race([once(child, 'message', { signal }), ended]);
    return answer;
  } finally {
    stop.abort();
  }
}
