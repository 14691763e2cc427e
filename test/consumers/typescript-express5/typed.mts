import type { Halyard } from 'halyard';
import { killSwitch, type RequestFlags } from 'halyard/express';

export function read(halyard: Halyard, flags: RequestFlags): 'blue' | 'green' | 'grey' {
  halyard.boolean('payments', true);
  killSwitch(halyard, 'payments');
  // @ts-expect-error -- no such flag
  halyard.boolean('paymenst', true);
  // @ts-expect-error -- no such flag
  flags.boolean('paymenst', true);
  // @ts-expect-error -- no such flag
  killSwitch(halyard, 'paymenst');
  // @ts-expect-error -- no boolean
  halyard.boolean('button-color', true);
  return flags.string('button-color', 'grey');
}
