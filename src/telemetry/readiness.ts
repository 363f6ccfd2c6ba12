import type { Logger } from '../core/lib/logger.ts'
import { withTimeout } from '../lib/with-timeout.ts'
import type { ArmContact } from './observe-arm.ts'

/** One thing that the service needs, or only likes to have, and whether it is there. */
export interface Check {
  name: string
  ok: boolean
  /** false for what is told for information only. */
  required: boolean
  detail?: string
}

export interface ReadinessDeps {
  /** Rejects when the database does not answer, or is older than the program. */
  checkDatabase: () => Promise<void>
  /** Whether this process executes jobs. */
  isWorker: boolean
  /** When it last looked for ticks; null when it has not begun to. */
  polledAt: () => Date | null
  isStopping: () => boolean
  armContact: Readonly<ArmContact>
  now: () => Date
  logger: Pick<Logger, 'warn'>
}

/** Workers look twice a second; after this long without a look they are stuck. */
const STUCK_MS = 30_000
/** A database that is asked and says nothing counts as away, or a probe would wait for it as long. */
const RESPONSE_TIMEOUT_MS = 3_000

/** Whether this process can do its work now: nothing is remembered, everything is looked at. */
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
    await withTimeout(checkDatabase(), RESPONSE_TIMEOUT_MS, () => new Error('no answer in time'))
    return { name, ok: true, required: true }
  } catch (error) {
    logger.warn({ err: error, check: name }, 'not ready')
    // Its own words may name hosts and users; the log has them.
    return { name, ok: false, required: true, detail: 'database does not answer as it should' }
  }
}

function queueCheck({ polledAt, now }: ReadinessDeps): Check {
  const at = polledAt()
  const isStuck = at === null || now().getTime() - at.getTime() > STUCK_MS
  const detail = at === null ? 'ticks are not taken yet' : `ticks were last looked for at ${at.toISOString()}`
  return { name: 'queue', required: true, ...checkResult(isStuck, detail) }
}

/** Plans and jobs that exist can be read without Azure, so the service is of use while it is away. */
function azureCheck({ armContact: { answeredAt, failedAt } }: ReadinessDeps): Check {
  const isAway = failedAt !== null && (answeredAt === null || failedAt > answeredAt)
  const said = answeredAt === null ? 'has not answered yet' : `last answered at ${answeredAt.toISOString()}`
  return { name: 'azure', ok: !isAway, required: false, detail: `Azure Resource Manager ${said}` }
}

function checkResult(isWrong: boolean, detail: string): { ok: boolean; detail?: string } {
  return isWrong ? { ok: false, detail } : { ok: true }
}
