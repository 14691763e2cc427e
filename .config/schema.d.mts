/** The JSON Schema of the flag document, draft 07. */
export function createFlagDocumentSchema(): Record<string, unknown>;
