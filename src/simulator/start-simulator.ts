import { buildSimulator, type SimulatorOptions } from './build-simulator.ts'

/** How to start a simulator: as for building one, and where to listen. */
export interface StartOptions extends SimulatorOptions {
  /** 127.0.0.1 by default, because the control endpoints have no guard of their own. */
  host?: string | undefined
  /** 0, the default, for any free port. */
  port?: number | undefined
}

/** A simulator that listens. */
export interface RunningSimulator {
  /** For the SDK's `endpoint`, without a slash at the end. */
  url: string
  port: number
  /** Stops listening, cuts open connections and writes the state file. */
  close(): Promise<void>
}

/**
 * Starts a simulated Azure Resource Manager.
 * @throws when the port is taken or the state file cannot be used
 */
export async function startSimulator(options: StartOptions = {}): Promise<RunningSimulator> {
  const server = buildSimulator(options)
  const host = options.host ?? '127.0.0.1'
  await server.listen({ host, port: options.port ?? 0 })
  const address = server.server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  const scheme = options.tls === undefined ? 'http' : 'https'
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return {
    url: `${scheme}://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`,
    port,
    close: async () => {
      await server.close()
    },
  }
}
