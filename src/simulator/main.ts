import { readFileSync } from 'node:fs'
import fastify from 'fastify'
import { InvalidConfig, readConfig, type SimulatorConfig } from './config.ts'
import { startSimulator } from './start-simulator.ts'

// Fastify includes the logger, so the simulator needs no other package.
const logger = fastify({ logger: { name: 'simulator' } }).log

/** EX_CONFIG of sysexits.h. */
const WRONG_CONFIG = 78

function configOrExit(): SimulatorConfig {
  try {
    return readConfig(process.env)
  } catch (error) {
    if (!(error instanceof InvalidConfig)) throw error
    for (const fault of error.faults) logger.error(fault)
    process.exit(WRONG_CONFIG)
  }
}

function tlsOrExit({ tlsKeyFile, tlsCertFile }: SimulatorConfig): { key: string; cert: string } | undefined {
  if (tlsKeyFile === undefined || tlsCertFile === undefined) return undefined
  try {
    return { key: readFileSync(tlsKeyFile, 'utf8'), cert: readFileSync(tlsCertFile, 'utf8') }
  } catch (error) {
    logger.error(`SIMULATOR_TLS_KEY_FILE or SIMULATOR_TLS_CERT_FILE cannot be read: ${String(error)}`)
    process.exit(WRONG_CONFIG)
  }
}

const config = configOrExit()
const running = await startSimulator({ ...config, tls: tlsOrExit(config) })
logger.info({ url: running.url }, `simulated Azure Resource Manager listens on ${running.url}`)

async function stop(): Promise<void> {
  await running.close()
  process.exit(0)
}
process.once('SIGTERM', () => void stop())
process.once('SIGINT', () => void stop())
