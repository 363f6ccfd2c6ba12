import { spawnSync } from 'node:child_process'
import { globSync, statSync } from 'node:fs'

/**
 * `npm test [-- file, folder or tap option …]`: runs tap. A folder stands for all test files below it, because tap
 * accepts files only.
 */
const targets = process.argv
  .slice(2)
  .flatMap((argument) => (isFolder(argument) ? testsIn(argument) : argument))
const { status } = spawnSync('tap', targets, { stdio: 'inherit' })
process.exitCode = status ?? 1

function isFolder(argument: string): boolean {
  return statSync(argument, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function testsIn(folder: string): string[] {
  const files = globSync(`${folder.replace(/\/+$/, '')}/**/*.test.ts`).toSorted()
  if (files.length === 0) {
    console.error(`${folder} contains no test file (*.test.ts)`)
    process.exit(64)
  }
  return files
}
