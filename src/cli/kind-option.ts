import { Option } from 'commander';
import type { FlagKind } from '../flags/flag-document.js';

const kinds: readonly FlagKind[] = ['release', 'experiment', 'operational', 'permission'];

/** @param help what a flag's kind is asked for */
export const kindOption = (help: string): Option => new Option('--kind <kind>', help).choices(kinds);
