import { inDays, termOf } from '../../../lifecycle/flag-lifecycle.js';
import { dayOf } from '../../output/relative-time.js';
import { lintOfFlags } from '../lint.js';
import { usualLifecycle } from '../usual-lifecycle.js';

export const noExpiry = lintOfFlags(
  'no-expiry',
  'A release or an experiment is older than such flags live, or of unknown age, and says no day on which it ends.',
  function* (flag, { now }) {
    const { key, kind, created, expires } = flag;
    const lifetimeMs = usualLifecycle.lifetimesMs[kind];
    if (expires !== undefined || lifetimeMs === Infinity) return;
    const what = kind === 'release' ? 'a release' : 'an experiment';
    if (created === undefined) {
      yield {
        path: ['flags', key],
        message: `${what} without \`created\` and \`expires\`: nothing tells when it has had its day. Add \`expires: ${dayOf(now + lifetimeMs)}\`, or say what else it is, such as \`kind: operational\`.`,
      };
    } else if (termOf(flag, usualLifecycle, now).isExpired) {
      yield {
        path: ['flags', key],
        message: `${what} of ${dayOf(created)}, ${inDays(now - created)} old, where ${inDays(lifetimeMs)} are usual, has no \`expires\`. Remove it, or say until when it is needed.`,
      };
    }
  },
);
