import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, statSync } from 'node:fs'

/**
 * `npm test [-- file, folder or tap option …]`: runs tap. A folder stands for all test files below it, because tap
 * accepts files only.
 */
const BUILT = new URL('../node_modules/@tapjs/test/test-built/dist/esm/index.js', import.meta.url)

const targets = process.argv
  .slice(2)
  .flatMap((argument) => (isFolder(argument) ? testsIn(argument) : argument))
// tap comes with a plugin that this project leaves out. The build without it costs seconds, so it happens once.
if (!isBuilt()) run('tap', ['build'])
process.exitCode = run('tap', targets)

function isBuilt(): boolean {
  try {
    return !readFileSync(BUILT, 'utf8').includes('@tapjs/typescript')
  } catch {
    return false
  }
}

function run(command: string, given: string[]): number {
  return spawnSync(command, given, { stdio: 'inherit' }).status ?? 1
}

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
