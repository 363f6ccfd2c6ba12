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

const NOTHING = 'data:text/javascript,'
const RELATIVE = /^\.\.?\/.*\.ts$/

/**
 * Loads the modules under test in two thirds of the time. tap's loader notes the files of each process for coverage and
 * `--changed`. It is left out, because each process then reads and compiles every module again. A hook that loads
 * sources would have the same effect. The project has no links among its own modules, so nothing looks for them.
 */
registerHooks({
  resolve(specifier, context, next) {
    if (RELATIVE.test(specifier) && context.parentURL?.startsWith('file:'))
      return {
        url: new URL(specifier, context.parentURL).href,
        format: 'module-typescript',
        shortCircuit: true,
      }
    if (specifier === 'async-hook-domain')
      return { url: import.meta.url, format: 'module-typescript', shortCircuit: true }
    if (specifier.endsWith('/@tapjs/processinfo/dist/esm/import.mjs'))
      return { url: NOTHING, format: 'module', shortCircuit: true }
    return next(specifier, context)
  },
})
