import type { Logger } from '../core/lib/logger.ts'
import { withTimeout } from '../lib/promises.ts'
import type { ArmContact } from './observe-arm.ts'

/** The result of one readiness check; the check may be required or informational. */
export interface Check {
  name: string
  ok: boolean
  /** false for informational checks. */
  required: boolean
  detail?: string
}

export interface ReadinessDeps {
  /** Rejects if the database does not respond, or if its schema does not match this program. */
  checkDatabase: () => Promise<void>
  /** Whether this process executes jobs. */
  isWorker: boolean
  /** The time of the last poll of the queue; null before the first poll. */
  polledAt: () => Date | null
  isStopping: () => boolean
  armContact: Readonly<ArmContact>
  now: () => Date
  logger: Pick<Logger, 'warn'>
}

/** Workers poll twice a second; after this time without a poll they are stuck. */
const STUCK_MS = 30_000
/** After this time without a response the database counts as unavailable, so that a probe does not hang. */
const RESPONSE_TIMEOUT_MS = 3_000

/** Whether this process can work now; every call runs all checks. */
export function createReadiness(deps: ReadinessDeps): () => Promise<Check[]> {
  return async () => [
    { name: 'running', required: true, ...checkResult(deps.isStopping(), 'the process is stopping') },
    await databaseCheck(deps),
    ...(deps.isWorker ? [queueCheck(deps)] : []),
    azureCheck(deps),
  ]
}

async function databaseCheck({ checkDatabase, logger }: ReadinessDeps): Promise<Check> {
  const name = 'database'
  try {
    await withTimeout(checkDatabase(), RESPONSE_TIMEOUT_MS, () => new Error('no response in time'))
    return { name, ok: true, required: true }
  } catch (error) {
    logger.warn({ err: error, check: name }, 'readiness check failed')
    // The error message may contain hosts and users, so only the log has it.
    return {
      name,
      ok: false,
      required: true,
      detail: 'database does not respond, or its schema is of another version',
    }
  }
}

function queueCheck({ polledAt, now }: ReadinessDeps): Check {
  const at = polledAt()
  const isStuck = at === null || now().getTime() - at.getTime() > STUCK_MS
  const detail =
    at === null ? 'the queue has not been polled yet' : `the queue was last polled at ${at.toISOString()}`
  return { name: 'queue', required: true, ...checkResult(isStuck, detail) }
}

/** Existing plans and jobs can be read without Azure, so this check is informational. */
function azureCheck({ armContact: { answeredAt, failedAt } }: ReadinessDeps): Check {
  const isAway = failedAt !== null && (answeredAt === null || failedAt > answeredAt)
  const contact =
    answeredAt === null ? 'has not responded yet' : `last responded at ${answeredAt.toISOString()}`
  return { name: 'azure', ok: !isAway, required: false, detail: `Azure Resource Manager ${contact}` }
}

function checkResult(isWrong: boolean, detail: string): { ok: boolean; detail?: string } {
  return isWrong ? { ok: false, detail } : { ok: true }
}
