import { type LifecycleSettings, readLifecycleOptions } from '../../lifecycle/lifecycle-options.js';

/** How long flags live and may be settled, as services have it that say nothing else. */
export const usualLifecycle: LifecycleSettings = readLifecycleOptions('halyard check', {});
