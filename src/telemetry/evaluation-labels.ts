/** The labels of one series of evaluations. Reason and error code are written in lower case; empty: there is none. */
export function evaluationLabels(
  flagKey: string,
  variant: string | undefined,
  reason: string,
  errorCode: string | undefined,
): Readonly<Record<string, string>> {
  return {
    flag_key: flagKey,
    variant: variant ?? '',
    reason: reason.toLowerCase(),
    error_type: errorCode?.toLowerCase() ?? '',
  };
}
