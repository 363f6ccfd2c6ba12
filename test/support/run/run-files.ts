import { registerHooks } from 'node:module'
import root, { type Test } from 'tap'

/** A test file of a group: its name in the output, and where it is. */
export interface GroupedFile {
  name: string
  url: string
}

const CURRENT = 'egress-planner:test-of-the-file'
let current: Test = root

/**
 * Runs test files one after the other in this process, because loading the modules under test takes longer than most
 * files. Each file is a subtest. What the file and its helpers import as `tap` is that subtest, so that their hooks
 * and teardowns end with the file.
 */
export async function runFiles(files: readonly GroupedFile[]): Promise<void> {
  for (const { name, url } of files)
    await root.test(name, async (t) => {
      current = t
      await import(url)
    })
}

const perFile = new Proxy(root, {
  get(_root, name) {
    const value: unknown = Reflect.get(current, name, current)
    return typeof value === 'function' ? value.bind(current) : value
  },
})
Object.assign(globalThis, { [Symbol.for(CURRENT)]: perFile })

const TESTS = new URL('../../', import.meta.url).href
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'tap' && context.parentURL?.startsWith(TESTS)
      ? { url: CURRENT, format: 'module', shortCircuit: true }
      : next(specifier, context),
  load: (url, context, next) =>
    url === CURRENT
      ? {
          source: `export default globalThis[Symbol.for('${CURRENT}')]`,
          format: 'module',
          shortCircuit: true,
        }
      : next(url, context),
})
