import { isIPv6 } from 'node:net'
import { type Config, ConfigError, readConfig } from './config.ts'

/**
 * The health check of the image, for every role: exit code 0 if the process with the same settings is ready, 1 otherwise.
 * A worker serves no API, so its metrics port is asked.
 */
try {
  const response = await fetch(readinessUrl(readConfig(process.env)))
  process.exitCode = response.ok ? 0 : 1
  process.stdout.write(`${response.status} ${await response.text()}\n`)
} catch (error) {
  const faults = error instanceof ConfigError ? error.faults : [(error as Error).message]
  process.stderr.write(`${faults.join('\n')}\n`)
  process.exitCode = 1
}

function readinessUrl({ role, host, port, metrics }: Readonly<Config>): string {
  if (role !== 'worker') return `http://${reachable(host)}:${port}/readyz`
  if (metrics === null || metrics.port === 0)
    throw new ConfigError(['The health check of ROLE worker requires METRICS_PORT with a fixed port.'])
  return `http://${reachable(metrics.host)}:${metrics.port}/readyz`
}

/** An address to connect to, for one to listen on. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return isIPv6(host) ? `[${host}]` : host
}
