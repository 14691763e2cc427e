/**
 * The flag that every contestant has, and the units that ask for it: country in [US, CA] and plan in [pro, enterprise]
 * are on, of all others 10 %.
 */
export const COUNTRIES = ['US', 'CA'];
export const PLANS = ['pro', 'enterprise'];
export const PERCENTAGE = 10;

/** The key under which it is evaluated. */
export const FLAG = 'flag-0';

const ALL_COUNTRIES = ['US', 'CA', 'DE', 'FR', 'JP', 'BR', 'IN', 'GB'];
const ALL_PLANS = ['free', 'basic', 'pro', 'enterprise'];

/** @typedef {{ id: string, country: string, plan: string }} Unit */

/** Every combination of country and plan comes equally often. @type {readonly Unit[]} */
export const units = Array.from({ length: 1_000 }, (_, index) => ({
  id: `user-${index}`,
  country: ALL_COUNTRIES[index % ALL_COUNTRIES.length],
  plan: ALL_PLANS[Math.floor(index / ALL_COUNTRIES.length) % ALL_PLANS.length],
}));

/** @param {Unit} unit */
export const matchesRule = ({ country, plan }) => COUNTRIES.includes(country) && PLANS.includes(plan);

/** Contexts as OpenFeature, and so Halyard and flagd-core, want them. @param {Unit} unit */
export const openFeatureContext = ({ id, country, plan }) => ({ targetingKey: id, country, plan });

/** @param {number} count */
export const flagKeys = (count) => Array.from({ length: count }, (_, index) => `flag-${index}`);

/** A configuration as it comes from a server or a file: no two flags share a part of it. */
export const asReceived = (configuration) => JSON.parse(JSON.stringify(configuration));

/** Halyard's document of so many flags. @param {number} count */
export function flagDocument(count) {
  const flag = { rules: [{ when: { country: COUNTRIES, plan: PLANS }, serve: 'on' }], rollout: PERCENTAGE };
  return asReceived({ version: 1, flags: Object.fromEntries(flagKeys(count).map((key) => [key, flag])) });
}
