/** `disk_full` of PostgreSQL (appendix A) and the errors of the operating system for a full disk or an exhausted quota. */
const STORAGE_FULL_CODES = ['53100', 'ENOSPC', 'EDQUOT']

/** Whether a write failed only because there is no space left. The transaction was then rolled back. */
export function isStorageFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code } = error as { code?: unknown }
  return (typeof code === 'string' && STORAGE_FULL_CODES.includes(code)) || isStorageFull(error.cause)
}
