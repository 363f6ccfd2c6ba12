import { Client } from 'pg'

/** The part of an event emitter that is looked at here. */
interface Emitter {
  emit(event: string | symbol, ...given: unknown[]): boolean
  listenerCount(event: string | symbol): number
}

let isDone = false

/**
 * From here on an error of a connection to a server never ends the process, whoever made the connection: our pools, the
 * queue's own, and whoever listens for notices.
 *
 * A connection tells of its end by an event, and an event `error` that nobody hears ends the process. Moments without a
 * listener cannot be ruled out from outside: a pool takes its listener off a connection that it lends, and the promise of
 * it is only looked at when all that came with the same packet has been told, the server's last words included; the queue
 * takes all listeners off a connection before it has ended. Nothing is lost with the event: whatever is asked of such a
 * connection afterwards is refused. Any other exception that nobody catches ends the process as before.
 */
export function hearConnections(): void {
  if (isDone) return
  isDone = true
  const connections = Client.prototype as unknown as Emitter
  const { emit } = connections
  connections.emit = function (this: Emitter, event, ...given) {
    if (event === 'error' && this.listenerCount('error') === 0) return false
    return emit.call(this, event, ...given)
  }
}
