import { join } from 'node:path'

/** The settings of the simulator as a separate process. */
export interface SimulatorConfig {
  host: string
  port: number
  timeScale: number
  callLimits: boolean
  stateFile: string | undefined
  tlsKeyFile: string | undefined
  tlsCertFile: string | undefined
}

/** Invalid settings: every error. */
export class InvalidConfig extends Error {
  readonly faults: string[]

  constructor(faults: string[]) {
    super(faults.join('; '))
    this.faults = faults
  }
}

/**
 * Reads SIMULATOR_HOST (127.0.0.1), SIMULATOR_PORT (8081), SIMULATOR_TIME_SCALE (20), SIMULATOR_CALL_LIMITS (off),
 * DATA_DIR (none: memory only), SIMULATOR_TLS_KEY_FILE and SIMULATOR_TLS_CERT_FILE.
 * @throws InvalidConfig with every invalid value
 */
export function readConfig(environment: Record<string, string | undefined>): SimulatorConfig {
  const faults: string[] = []
  const port = numberOf(environment, 'SIMULATOR_PORT', 8081)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    faults.push(`SIMULATOR_PORT must be a whole number from 0 to 65535, not '${environment.SIMULATOR_PORT}'`)
  const timeScale = numberOf(environment, 'SIMULATOR_TIME_SCALE', 20)
  if (!(timeScale > 0 && timeScale <= 1_000_000))
    faults.push(
      `SIMULATOR_TIME_SCALE must be a number greater than 0 and at most 1000000, not '${environment.SIMULATOR_TIME_SCALE}'`,
    )
  const callLimits = environment.SIMULATOR_CALL_LIMITS || 'off'
  if (callLimits !== 'on' && callLimits !== 'off')
    faults.push(`SIMULATOR_CALL_LIMITS must be on or off, not '${callLimits}'`)
  const tlsKeyFile = environment.SIMULATOR_TLS_KEY_FILE || undefined
  const tlsCertFile = environment.SIMULATOR_TLS_CERT_FILE || undefined
  if ((tlsKeyFile === undefined) !== (tlsCertFile === undefined))
    faults.push('SIMULATOR_TLS_KEY_FILE and SIMULATOR_TLS_CERT_FILE must be set together')
  if (faults.length > 0) throw new InvalidConfig(faults)
  const dataDir = environment.DATA_DIR || undefined
  return {
    host: environment.SIMULATOR_HOST || '127.0.0.1',
    port,
    timeScale,
    callLimits: callLimits === 'on',
    stateFile: dataDir === undefined ? undefined : join(dataDir, 'simulator.json'),
    tlsKeyFile,
    tlsCertFile,
  }
}

function numberOf(environment: Record<string, string | undefined>, name: string, fallback: number): number {
  const text = environment[name]
  if (text === undefined || text === '') return fallback
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
}
