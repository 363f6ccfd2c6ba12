import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import type { StartedProcess } from '../processes.ts'
import type { LeasedService } from './service-pool.ts'

/** A service of the pool, this process's own until it is released or the process ends. */
export interface Lease {
  process: StartedProcess
  release(): void
}

/** Leases a service of the run's pool. */
export async function leaseService(port: number): Promise<Lease> {
  const socket = connect(port, '127.0.0.1')
  const lines = createInterface({ input: socket })
  const service = await new Promise<LeasedService>((resolve, reject) => {
    const onFirst = (line: string) => {
      const answer = JSON.parse(line) as LeasedService | { error: string }
      if ('error' in answer) reject(new Error(answer.error))
      else resolve(answer)
    }
    lines.once('line', onFirst).once('close', () => reject(new Error('the pool of services has ended')))
    socket.once('error', reject)
  })
  // It ends only by accident: the requests of the test fail then, and this says why.
  lines.on('line', (line) => console.error(`The leased service ${JSON.parse(line).error}`))
  socket.unref()
  return {
    process: {
      ...service,
      get lines() {
        return notOwned()
      },
      get ended() {
        return notOwned()
      },
      stop: notOwned,
      kill: notOwned,
    },
    release: () => socket.destroy(),
  }
}

function notOwned(): never {
  throw new Error('This service is shared with other tests: start one with ownService')
}
