import type { FleetInstance } from './fleet-register.js';

/** Instances in the order in which a register lists them: by host, then by id, as texts. */
export function inFleetOrder(instances: readonly FleetInstance[]): readonly FleetInstance[] {
  return instances.toSorted((a, b) => compare(a.host, b.host) || compare(a.id, b.id));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
