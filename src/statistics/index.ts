/** The mathematics under watched rollouts, for whoever wants to check it or use it elsewhere. Pure functions of numbers. */
export { type ComparisonOptions, compareRates, type RateComparison } from './compare-rates.js';
export { sequenceMultiplier, type SequenceOptions } from './confidence-sequence.js';
export { type SlicedCounts, type SlicedRate, slicedRate } from './design-effect.js';
export { type BucketedQuantile, countAbove, type HistogramCounts, histogramQuantile } from './histogram-quantile.js';
export { lowerRate, upperRate } from './rate-bounds.js';
export { studentT } from './student-t.js';
