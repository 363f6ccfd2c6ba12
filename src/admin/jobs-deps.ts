import manifest from '../../package.json' with { type: 'json' }
import type { JobsDeps } from '../jobs/deps.ts'
import { startQueue } from '../jobs/queue/queue.ts'
import { ClockWatch } from '../lib/clock-watch.ts'
import { readPolicyFile } from '../routes/auth/policy-file.ts'
import { createServices } from '../services.ts'
import { createLogger } from '../telemetry/logger.ts'
import type { Session } from './session.ts'

/** The jobs module with its queue and webhooks. It takes no work and calls no Azure. */
export async function connectedDeps({
  config,
  database,
}: Session): Promise<{ jobsDeps: JobsDeps; stop: () => Promise<void> }> {
  const logger = createLogger({ level: 'silent' })
  const policy = config.accessPolicyFile === null ? null : await readPolicyFile(config.accessPolicyFile)
  const clock = new ClockWatch()
  const queue = await startQueue(database, logger, () => clock.now())
  // A simulated Azure inside of the service has no address here, and none is needed.
  const armEndpoint = config.armEndpoint ?? (config.azureMode === 'azure' ? null : 'http://127.0.0.1')
  const { jobsDeps } = createServices({
    config,
    version: manifest.version,
    database,
    queue,
    clock,
    armEndpoint,
    policy: () => policy,
    isStopping: () => false,
    tracing: null,
    logger,
  })
  return { jobsDeps, stop: () => queue.stop() }
}
