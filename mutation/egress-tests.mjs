import { globSync } from 'node:fs'
import { runFiles } from '../test/support/run/run-files.ts'

// Stryker's tap runner starts a process for each test file and mutant. Most of such a process is start-up, so all tests
// of the egress model run in one. Beside its own tests, these are the tests of the rules and plans that depend on it.
const PATTERNS = [
  'core/egress/*.test.ts',
  'core/rules/{address-changes,authorized-ranges,customer-addresses,egress-exceptions,firewall-path,node-egress,routing}.test.ts',
  'core/planner/{planner,egress-report}.test.ts',
]
const root = new URL('../test/', import.meta.url)
const names = PATTERNS.flatMap((pattern) => globSync(pattern, { cwd: root }).toSorted())
await runFiles(names.map((name) => ({ name, url: new URL(name, root).href })))
