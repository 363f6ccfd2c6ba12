import { spawnSync } from 'node:child_process'
import { accessSync, constants, globSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { freemem } from 'node:os'

/**
 * `npm test [-- file, folder or tap option …]`: runs tap. A folder stands for all test files below it, because tap
 * accepts files only.
 */
/** A file system in memory, where the files of databases cost less than on a disk; Linux only. */
const MEMORY = '/dev/shm'
/** Ten times what the databases of one run need at a time. */
const MIN_MEMORY_BYTES = 8 * 2 ** 30
const BUILT = new URL('../node_modules/@tapjs/test/test-built/dist/esm/index.js', import.meta.url)

const targets = [
  // A file that is named before its folder is run first.
  ...new Set(
    process.argv.slice(2).flatMap((argument) => (isFolder(argument) ? testsIn(argument) : argument)),
  ),
]
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
  const env = {
    ...(isMemoryUsable() && { TMPDIR: MEMORY }),
    ...process.env,
    // Without it, the process that tap starts before the tests, and what that starts, would record coverage. A second
    // run in this folder, at the same time, would then find coverage that is incomplete and fail.
    _TAPJS_PROCESSINFO_COVERAGE_: '0',
  }
  return spawnSync(command, given, { stdio: 'inherit', env }).status ?? 1
}

function isMemoryUsable(): boolean {
  try {
    accessSync(MEMORY, constants.W_OK)
    const { bavail, bsize } = statfsSync(MEMORY)
    return Math.min(bavail * bsize, freemem()) >= MIN_MEMORY_BYTES
  } catch {
    return false
  }
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
