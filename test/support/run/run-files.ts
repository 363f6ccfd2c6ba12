import { registerHooks } from 'node:module'
import root from 'tap'
import { setCurrentTest } from './current-test.ts'

/** A test file of a group: its name in the output, and where it is. */
export interface GroupedFile {
  name: string
  url: string
}

/**
 * Runs test files one after the other in this process, because loading the modules under test takes longer than most
 * files. Each file is a subtest. What the file and its helpers import as `tap` is that subtest, so that their hooks
 * and teardowns end with the file.
 */
export async function runFiles(files: readonly GroupedFile[]): Promise<void> {
  for (const { name, url } of files)
    await root.test(name, async (t) => {
      setCurrentTest(t)
      await import(url)
    })
}

const TESTS = new URL('../../', import.meta.url).href
const CURRENT_TEST = new URL('./current-test.ts', import.meta.url).href
registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier === 'tap' && context.parentURL?.startsWith(TESTS) ? CURRENT_TEST : specifier, context),
})
