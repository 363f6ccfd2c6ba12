import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { freemem } from 'node:os'
import { join, normalize } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parse } from 'yaml'

/**
 * `npm test [-- file, folder or tap option …]`: runs tap. A folder stands for all test files below it. Without a file
 * or folder, all files that `.taprc` includes are run. Named files are run first, in this order.
 */

/** The folders whose files run several in one process, because loading the modules under test takes longer than most files. */
const GROUPED =
  /^test\/(?:(acceptance(?:\/needs)?|azure|browser|campaigns|core|database|fuzz|inventory|jobs|mcp|planning|reports|routes|simulator|telemetry|webhooks)\/|(?!readme)[^/]+$)/
/** Few enough to keep all cores busy until the end, and to stay far from tap's time limit for a process. */
const GROUP_SIZE = 16
/** Files of these folders mostly wait for a service or a job, so a group of them takes longer. */
const GROUP_SIZES: Readonly<Record<string, number>> = { acceptance: 4, jobs: 5 }
/** A file system in memory, where the files of databases cost less than on a disk; Linux only. */
const MEMORY = '/dev/shm'
/** Ten times what the databases of one run need at a time. */
const MIN_MEMORY_BYTES = 8 * 2 ** 30
const BUILT = new URL('../node_modules/@tapjs/test/test-built/dist/esm/index.js', import.meta.url)
const RUN_FILES = new URL('../test/support/run/run-files.ts', import.meta.url).href
const DOMAINS = new URL('../test/support/run/test-domains.ts', import.meta.url).href
const CACHE = 'node_modules/.cache/egress-planner'

/** Test files that one process runs, one after the other. */
interface Program {
  name: string
  members: string[]
}

const given = process.argv
  .slice(2)
  .map((argument) => (argument.startsWith('-') ? argument : normalize(argument)))
const statsOf = (path: string) => fs.statSync(path, { throwIfNoEntry: false })
const folders = given.filter((argument) => statsOf(argument)?.isDirectory())
const named = given.filter((argument) => statsOf(argument)?.isFile())
// What is neither goes to tap as it is.
const options = given.filter((argument) => statsOf(argument) === undefined)
const found = given.every((argument) => argument.startsWith('-')) ? included() : folders.flatMap(testsIn)

fs.mkdirSync(CACHE, { recursive: true })
const groups = fs.mkdtempSync(join(CACHE, 'groups-'))
try {
  // tap comes with a plugin that this project leaves out. The build without it costs seconds, so it happens once.
  if (!isBuilt()) run('tap', ['build'])
  const alone = named.map((file) => ({ name: nameOf(file), members: [file] }))
  const grouped = inGroups(found.filter((file) => !named.includes(file)))
  process.exitCode = run('tap', [...options, ...inOrder([...alone, ...grouped])])
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

/** The folder of a file that runs in a group; otherwise, the file itself. */
function groupOf(file: string): string {
  const match = GROUPED.exec(file)
  return match === null ? file : (match[1] ?? 'root')
}

function nameOf(path: string): string {
  return path.replace(/^test\//, '').replaceAll(/[^\w.-]/g, '-')
}

/** The folders take turns, so that processes that wait run beside processes that compute. */
function inGroups(files: string[]): Program[] {
  const turns = [...Map.groupBy(files, groupOf)].map(([folder, members]) => groupsOf(folder, members))
  const rounds = Math.max(0, ...turns.map((programs) => programs.length))
  return Array.from({ length: rounds }, (_, round) =>
    turns.flatMap((programs) => programs[round] ?? []),
  ).flat()
}

function groupsOf(folder: string, members: string[]): Program[] {
  const count = Math.ceil(members.length / (GROUP_SIZES[folder] ?? GROUP_SIZE))
  const size = Math.ceil(members.length / count)
  return Array.from({ length: count }, (_, index) => ({
    name: `${nameOf(folder)}-${index + 1}`,
    members: members.slice(index * size, (index + 1) * size),
  }))
}

/** The files of the programs; tap runs them in the order of their names. */
function inOrder(programs: Program[]): string[] {
  return programs.map(({ name, members }, index) =>
    writeProgram(`${`${index}`.padStart(3, '0')}-${name}`, members),
  )
}

function writeProgram(name: string, members: string[]): string {
  const program = join(groups, `${name}.mjs`)
  const list = members.map((file) => ({ name: file, url: pathToFileURL(file).href }))
  fs.writeFileSync(
    program,
    `import { runFiles } from ${JSON.stringify(RUN_FILES)}\nawait runFiles(${JSON.stringify(list, null, 2)})\n`,
  )
  return program
}
