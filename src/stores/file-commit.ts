import { openAuditWriter } from './audit-trail.js';
import { FileAccessError } from './file-access-error.js';
import type { FileContent } from './file-content.js';
import type { FileLocations } from './file-locations.js';
import type { Change } from './flag-store.js';
import { type StagedWrite, stageWrite } from './staged-write.js';
import { formatStateText } from './state-file.js';

/**
 * Writes what is different from `before`, and the line of the audit trail. Everything that can fail happens first; then
 * `isUntouched` is asked, and only the renames follow.
 *
 * @returns whether it was written; `false` if the files were touched meanwhile.
 * @throws FileAccessError if something can't be written; then nothing is, except that the trail's line may be missing.
 */
export async function commitContent(
  files: FileLocations,
  before: FileContent,
  after: FileContent,
  change: Change,
  isUntouched: () => Promise<boolean>,
): Promise<boolean> {
  const audit = files.audit === undefined ? undefined : await openAuditWriter(files.audit);
  const staged: StagedWrite[] = [];
  try {
    for (const { path, text } of textsToWrite(files, before, after)) staged.push(await stageWrite(path, text));
    if (!(await isUntouched())) return false;
    for (const write of staged) await write.commit();
    await audit?.append(change);
    return true;
  } finally {
    for (const write of staged) await write.discard();
    await audit?.close();
  }
}

interface PathText {
  readonly path: string;
  readonly text: string;
}

/**
 * In the order in which they are put in place. Whoever reads between two of them, or after a crash there, must find a
 * flag killed rather than running: a new kill comes before the documents, an ended one after them.
 */
function textsToWrite(files: FileLocations, before: FileContent, after: FileContent): readonly PathText[] {
  const documents = changedDocuments(files, before, after);
  const state = { path: files.state, text: formatStateText(after.state) };
  const isNewlyKilled = [...after.state.state.kills.keys()].some((key) => !before.state.state.kills.has(key));
  const broken =
    before.brokenStateText === undefined ? [] : [{ path: `${files.state}.broken`, text: before.brokenStateText }];
  return isNewlyKilled ? [...broken, state, ...documents] : [...broken, ...documents, state];
}

function changedDocuments(files: FileLocations, before: FileContent, after: FileContent): readonly PathText[] {
  const { documents: old } = before;
  const { documents: next } = after;
  if (old instanceof FileAccessError || next instanceof FileAccessError) return [];
  return files.documents.flatMap(({ path }, index) => {
    const text = next[index]?.text;
    return text === undefined || text === old[index]?.text ? [] : [{ path, text }];
  });
}
