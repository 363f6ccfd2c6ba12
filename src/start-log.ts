import { findUnknownSettings } from './config/unknown-settings.ts'
import type { Config } from './config.ts'
import type { Logger } from './core/lib/logger.ts'

type StartLogger = Pick<Logger, 'info' | 'warn'>

/** Logs which process starts, and settings that probably have another effect than intended. */
export function logStart(
  logger: StartLogger,
  version: string,
  config: Readonly<Config>,
  environment: Record<string, string | undefined>,
): void {
  const { azureMode: azure, role, databaseUrl, entra, knownHosts } = config
  logger.info({ version, azure, role, database: databaseUrl === null ? 'embedded' : 'server' }, 'starting')
  // The value is not logged: it may be a secret.
  for (const { name, similarTo } of findUnknownSettings(environment))
    logger.warn({ setting: name, similarTo }, 'unknown setting is ignored; check its name')
  if (entra === null && knownHosts === null && role !== 'worker')
    logger.warn(
      {},
      'ALLOWED_HOSTS is not set and callers are not authenticated: a web page can reach the service by DNS rebinding',
    )
}

/** A start that takes long shows where it is. */
export function logProgress(logger: StartLogger, message: string, facts: object = {}): void {
  logger.info({ ...facts, uptimeMs: Math.round(performance.now()) }, message)
}
