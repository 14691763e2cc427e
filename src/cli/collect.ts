/** For an option that may be given several times: all its values, in their order. */
export const collect = (given: string, before: readonly string[] = []): readonly string[] => [...before, given];
