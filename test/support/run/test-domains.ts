import { registerHooks } from 'node:module'

type OnError = (error: unknown, origin: string) => void

const open: Domain[] = []
const report: OnError = (error, origin) => open.at(-1)?.onerror(error, origin)

/**
 * Gives an error that no code has caught to the test that began last. The domains of tap find the test that caused the
 * error. To find it they follow every promise, which is a fifth of the processor time of a test of jobs.
 */
export class Domain {
  readonly onerror: OnError

  constructor(onerror: OnError) {
    this.onerror = onerror
    open.push(this)
    if (open.length === 1) process.on('uncaughtException', report)
  }

  destroy(): void {
    const at = open.indexOf(this)
    if (at !== -1) open.splice(at, 1)
    // Without a test, an error ends the process.
    if (open.length === 0) process.off('uncaughtException', report)
  }
}

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'async-hook-domain'
      ? { url: import.meta.url, format: 'module-typescript', shortCircuit: true }
      : next(specifier, context),
})
