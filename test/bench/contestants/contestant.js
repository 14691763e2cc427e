/**
 * @typedef {object} Contestant
 * @property {(unit: import('../flag.js').Unit) => object} contextOf the unit as this contestant wants it
 * @property {(contexts: readonly object[]) => number | Promise<number>} sweep evaluates the flag once for each context, and
 *   tells for how many it is on. Each contestant has a loop of its own, for a shared one would slow down the quickest.
 * @property {(key: string, context: object) => boolean | Promise<boolean>} isOn
 * @property {() => unknown} close
 */
/**
 * @typedef {object} Loadable
 * @property {string} name
 * @property {(count: number) => unknown} write the configuration of so many flags, in whatever form is loaded
 * @property {(configuration: any) => Contestant | Promise<Contestant>} load until it is ready to evaluate
 */
import * as flagdCore from './flagd-core.js';
import * as growthbook from './growthbook.js';
import * as halyard from './halyard.js';
import * as launchDarkly from './launchdarkly.js';
import * as unleash from './unleash.js';

/** @type {readonly Loadable[]} */
export const peers = [flagdCore, growthbook, unleash, launchDarkly];

/** @type {readonly Loadable[]} */
export const contestants = [halyard, ...peers];
