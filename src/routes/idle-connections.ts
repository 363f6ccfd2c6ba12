import type { FastifyInstance } from 'fastify'

const LOOK_EVERY_MS = 100

/**
 * Lets go of connections while the service stops. Node closes those that are idle at that moment; one whose request
 * was still being answered stays open after it for as long as it might be used again, and would hold up the stop.
 */
export function closeIdleConnections(app: FastifyInstance): void {
  app.addHook('preClose', async () => {
    const timer = setInterval(() => app.server.closeIdleConnections(), LOOK_EVERY_MS)
    timer.unref()
    app.server.once('close', () => clearInterval(timer))
  })
}
