import type { Halyard, RolloutControls } from 'halyard';

export function read(halyard: Halyard): 'blue' | 'green' | 'grey' {
  // @ts-expect-error -- no such flag
  halyard.boolean('paymenst', true);
  // @ts-expect-error -- no boolean
  halyard.boolean('button-color', true);
  return halyard.string('button-color', 'grey');
}

// @ts-expect-error -- no such flag
export const controls = (halyard: Halyard): RolloutControls => halyard.rollout('paymenst');
