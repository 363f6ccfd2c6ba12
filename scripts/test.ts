import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { freemem } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parse } from 'yaml'

/**
 * `npm test [-- file, folder or tap option …]`: runs tap. A folder stands for all test files below it, because tap
 * accepts files only; without a file or folder, all files that `.taprc` includes are run.
 */
/**
 * Files of these folders, and those of the root, run several in one process, unless a file is named: loading the modules under test costs a
 * process more than most files do with them.
 */
const GROUPED =
  /^test\/(?:(acceptance(?:\/needs)?|azure|browser|campaigns|core|database|inventory|jobs|mcp|planning|reports|routes|simulator|telemetry|webhooks)\/|(?!readme)[^/]+$)/
/** Small enough to keep all cores busy until the end, and far from tap's time limit for a process. */
const GROUP_SIZE = 12
/** Files of these folders mostly wait for a service, so a group of them takes longer. */
const GROUP_SIZES: Readonly<Record<string, number>> = { acceptance: 4 }
/** A file system in memory, where the files of databases cost less than on a disk; Linux only. */
const MEMORY = '/dev/shm'
/** Ten times what the databases of one run need at a time. */
const MIN_MEMORY_BYTES = 8 * 2 ** 30
const BUILT = new URL('../node_modules/@tapjs/test/test-built/dist/esm/index.js', import.meta.url)
const RUN_FILES = new URL('../test/support/run/run-files.ts', import.meta.url).href
const DOMAINS = new URL('../test/support/run/test-domains.ts', import.meta.url).href
const CACHE = 'node_modules/.cache/egress-planner'

const given = process.argv.slice(2)
const isFolder = (path: string) => fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
// What is no folder goes to tap as it is: options and named files. A file that is named before its folder is run first.
const named = given.filter((argument) => !isFolder(argument))
const all = named.length === given.length && named.every((argument) => argument.startsWith('-'))
const found = all ? included() : given.filter(isFolder).flatMap(testsIn)

fs.mkdirSync(CACHE, { recursive: true })
const groups = fs.mkdtempSync(join(CACHE, 'groups-'))
try {
  // tap comes with a plugin that this project leaves out. The build without it costs seconds, so it happens once.
  if (!isBuilt()) run('tap', ['build'])
  process.exitCode = run('tap', [...named, ...inGroups(found.filter((file) => !named.includes(file)))])
} finally {
  fs.rmSync(groups, { recursive: true, force: true })
}

function isBuilt(): boolean {
  try {
    return !fs.readFileSync(BUILT, 'utf8').includes('@tapjs/typescript')
  } catch {
    return false
  }
}

function run(command: string, args: string[]): number {
  const env = {
    ...(isMemoryUsable() && { TMPDIR: MEMORY }),
    ...process.env,
    // Here, because tap loads its own domains before the flags of `.taprc`.
    NODE_OPTIONS: [process.env.NODE_OPTIONS, `--import=${DOMAINS}`].filter(Boolean).join(' '),
    // Without it, the process that tap starts before the tests, and what that starts, would record coverage. A second
    // run in this folder, at the same time, would then find coverage that is incomplete and fail.
    _TAPJS_PROCESSINFO_COVERAGE_: '0',
  }
  return spawnSync(command, args, { stdio: 'inherit', env }).status ?? 1
}

function isMemoryUsable(): boolean {
  try {
    fs.accessSync(MEMORY, fs.constants.W_OK)
    const { bavail, bsize } = fs.statfsSync(MEMORY)
    return Math.min(bavail * bsize, freemem()) >= MIN_MEMORY_BYTES
  } catch {
    return false
  }
}

function included(): string[] {
  const { include } = parse(fs.readFileSync('.taprc', 'utf8')) as { include: string[] }
  return fs.globSync(include).toSorted()
}

function testsIn(folder: string): string[] {
  const files = fs.globSync(`${folder.replace(/\/+$/, '')}/**/*.test.ts`).toSorted()
  if (files.length === 0) {
    console.error(`${folder} contains no test file (*.test.ts)`)
    process.exit(64)
  }
  return files
}

/** The folder of a file that runs in a group; empty if the file runs alone. */
function groupOf(file: string): string {
  const found = GROUPED.exec(file)
  return found === null ? '' : (found[1] ?? 'root')
}

/**
 * The files that run alone, and programs that run the others. The folders take turns, so that processes that wait run
 * beside processes that compute.
 */
function inGroups(files: string[]): string[] {
  const folders = [...Map.groupBy(files, groupOf)].map(([folder, members]) => groupsOf(folder, members))
  const rounds = Math.max(0, ...folders.map((groups) => groups.length))
  return Array.from({ length: rounds }, (_, round) => folders.flatMap((groups) => groups[round] ?? [])).flat()
}

function groupsOf(folder: string, members: string[]): string[] {
  if (folder === '') return members
  const count = Math.ceil(members.length / (GROUP_SIZES[folder] ?? GROUP_SIZE))
  const size = Math.ceil(members.length / count)
  return Array.from({ length: count }, (_, index) =>
    writeGroup(`${folder.replace('/', '-')}-${index + 1}`, members.slice(index * size, (index + 1) * size)),
  )
}

function writeGroup(name: string, members: string[]): string {
  const program = join(groups, `${name}.mjs`)
  const list = members.map((file) => ({ name: file, url: pathToFileURL(file).href }))
  fs.writeFileSync(
    program,
    `import { runFiles } from ${JSON.stringify(RUN_FILES)}\nawait runFiles(${JSON.stringify(list, null, 2)})\n`,
  )
  return program
}
