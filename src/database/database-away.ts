/**
 * The database does not answer, or was lost while it did. What was asked of it may have been done: a commit whose
 * answer got lost has happened or has not.
 */
export class DatabaseAway extends Error {
  constructor(cause: unknown) {
    super('the database does not answer', { cause })
    this.name = 'DatabaseAway'
  }
}

/**
 * What a server says when it is about to go, has gone, has just come, takes no more connections, or has become a standby:
 * the SQLSTATE classes 08 and 57P, 53300 and 25006 (PostgreSQL, appendix A).
 */
const OF_THE_SERVER = /^(08...|57P0[1-5]|53300|25006)$/

/** Whether a query failed because of the server or the way to it, and not because of what it asked for. */
export function isOfTheServer(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) return false
  const { code, severity } = error as { code?: unknown; severity?: unknown }
  // Only what the server itself has said has a severity; everything else happened on the way.
  return severity === undefined || (typeof code === 'string' && OF_THE_SERVER.test(code))
}
