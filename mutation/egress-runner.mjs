import { globSync } from 'node:fs'
import { createRequire, registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'

/**
 * A test runner for Stryker that tests many mutants in one process. Stryker's runner for tap starts a process for each
 * mutant, which takes an hour, because loading the modules takes a hundred times as long as most tests. What a test file
 * imports as `tap` collects its tests. Each then runs as a separate test of tap.
 */

// The tests of the egress model, and of the rules and plans that depend on it. The fast ones are first.
const FILES = [
  'core/egress/{ledger,routes,projected-egress,paths}.test.ts',
  'core/egress/!(*-properties).test.ts',
  'core/rules/{address-changes,authorized-ranges,customer-addresses,egress-exceptions,firewall-path,node-egress,routing}.test.ts',
  'core/planner/{planner,egress-report}.test.ts',
  'core/egress/*-properties.test.ts',
]
const COLLECTOR = 'egress-planner:collected-tests'
/** Replaces `memoize.ts`: mutants share the process, and one must not see values of another. */
const NO_MEMOIZATION = `
export const memoize = (compute) => compute
export const memoizePair = (compute) => compute
export const memoizeWords = (compute) => compute`

const tests = []
let file = ''
globalThis[Symbol.for(COLLECTOR)] = {
  test: (name, ...given) => tests.push({ id: `${file}: ${name}`, run: given.at(-1) }),
}
const sourceOf = (url) => {
  if (url === COLLECTOR) return `export default globalThis[Symbol.for('${COLLECTOR}')]`
  return url.endsWith('/src/core/lib/memoize.ts') ? NO_MEMOIZATION : null
}
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'tap' && context.parentURL?.includes('/test/')
      ? { url: COLLECTOR, format: 'module', shortCircuit: true }
      : next(specifier, context),
  load: (url, context, next) => {
    const source = sourceOf(url)
    return source === null ? next(url, context) : { source, format: 'module', shortCircuit: true }
  },
})

class InProcessRunner {
  /** What the instrumented sources read and write: the active mutant, its hits, and the coverage. */
  stryker = (globalThis.__stryker__ ??= {})

  capabilities() {
    return { reloadEnvironment: false }
  }

  async dryRun() {
    await this.load()
    const results = []
    for (const test of tests) {
      this.stryker.currentTestId = test.id
      results.push(await this.result(test))
    }
    return { status: 'complete', tests: results, mutantCoverage: this.stryker.mutantCoverage }
  }

  async mutantRun({ activeMutant, hitLimit, testFilter, mutantActivation }) {
    Object.assign(this.stryker, { hitLimit, hitCount: hitLimit && 0 })
    // A mutant of code that runs while a module loads must be active then. Stryker starts a new process for it.
    const isStatic = mutantActivation === 'static'
    if (isStatic) this.stryker.activeMutant = activeMutant.id
    try {
      await this.load()
    } catch (error) {
      if (!isStatic) throw error
      return { status: 'killed', killedBy: [file], failureMessage: String(error), nrOfTests: 0 }
    }
    this.stryker.activeMutant = activeMutant.id
    const covering = tests.filter(({ id }) => testFilter === undefined || testFilter.includes(id))
    for (const [index, test] of covering.entries()) {
      const { status, failureMessage } = await this.result(test)
      if (this.stryker.hitCount > hitLimit) return { status: 'timeout' }
      if (status === FAILED)
        return { status: 'killed', killedBy: [test.id], failureMessage, nrOfTests: index + 1 }
    }
    return { status: 'survived', nrOfTests: covering.length }
  }

  async load() {
    if (file !== '') return
    // The same random cases for every mutant, so that none is killed by chance.
    fc.configureGlobal({ seed: 1 })
    const root = `${process.cwd()}/test/`
    const names = new Set(FILES.flatMap((pattern) => globSync(pattern, { cwd: root }).toSorted()))
    for (const name of names) {
      file = name
      await import(pathToFileURL(root + name).href)
    }
  }

  async result({ id, run }) {
    const started = Date.now()
    const failureMessage = await failureOf(run)
    const base = { id, name: id, timeSpentMs: Date.now() - started }
    return failureMessage === null ? { ...base, status: PASSED } : { ...base, status: FAILED, failureMessage }
  }
}
const PASSED = 0
const FAILED = 1

/** The first failure of a test; null if it passes. */
async function failureOf(run) {
  const require = createRequire(`${process.cwd()}/package.json`)
  // Loading `tap` starts a test of the whole process. These are two parts of it, which load only in this order.
  require('@tapjs/core')
  const { Test } = require('@tapjs/test')
  const test = new Test({ name: 'test', cb: run, bail: true })
  await new Promise((resolve) => {
    test.runMain(resolve)
    test.resume()
  })
  if (test.passing()) return null
  return test.lists.fail[0]?.fullname ?? 'failed'
}

export const strykerPlugins = [{ kind: 'TestRunner', name: 'in-process', injectableClass: InProcessRunner }]
