import { FileAccessError } from './file-access-error.js';
import type { FileLocations } from './file-locations.js';
import { type FileSnapshot, lineageOf } from './file-snapshot.js';
import type { SourceText, StoredFlags } from './flag-store.js';
import { type StoredState, parseStateText } from './state-file.js';

/** What the files say at one moment. */
export interface FileContent {
  /** The texts, or why they can't be read; the state can be changed all the same. */
  readonly documents: readonly SourceText[] | FileAccessError;
  readonly state: StoredState;
  /** A state text that can't be understood and that `state` replaces. */
  readonly brokenStateText?: string;
}

/** @throws FileAccessError if the state can't be read or understood. */
export function readContent(files: FileLocations, { documents, stateText }: FileSnapshot): FileContent {
  if (stateText instanceof FileAccessError) throw stateText;
  return { documents, state: parseStateText(files.state, stateText) };
}

/**
 * As {@link readContent}, for a change that must not fail now: a kill. Where the state text is broken, it goes on from
 * the last state that this process has seen.
 */
export function readContentForChange(
  files: FileLocations,
  snapshot: FileSnapshot,
  lastState: StoredState | undefined,
): FileContent {
  try {
    return readContent(files, snapshot);
  } catch (error) {
    if (lastState === undefined || typeof snapshot.stateText !== 'string') throw error;
    return { documents: snapshot.documents, state: lastState, brokenStateText: snapshot.stateText };
  }
}

export function versionOf({ documents, state }: FileContent): string {
  return `${lineageOf(documents)}:${state.revision}`;
}

/** An unreadable document is none: what is known is the state. */
export function storedFlags(content: FileContent): StoredFlags {
  const { documents, state } = content;
  return {
    document: documents instanceof FileAccessError ? [] : documents,
    state: state.state,
    version: versionOf(content),
  };
}
