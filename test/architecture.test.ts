import { globSync, readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import t from 'tap'
import { COMPARES_RAW, COMPARING_MODULES, rawComparisons } from './support/arm-comparisons.ts'
import { type Node, parseSource, type SourceFile, sourceFiles } from './support/source-files.ts'

interface Rule {
  /** Modules, or single files of other modules. */
  own: string[]
  packages: RegExp[]
}

const NODE = /^node:/
/** The modules of everything that works on the database. */
const STORED = ['contract/', 'core/', 'lib/', 'database/']
/** What modules see of `azure`. */
const ARM = ['azure/arm.ts', 'azure/errors/arm-fault.ts']

/** Which module may import what: its own files, other modules, and single files of other modules. */
const MODULES: Record<string, Rule> = {
  contract: { own: ['contract/'], packages: [/^typebox$/] },
  core: { own: ['contract/', 'core/'], packages: [/^cidr-tools$/, /^ipaddr\.js$/, /^luxon$/] },
  // What several modules need and the core may not contain: timers and promises.
  lib: { own: ['lib/'], packages: [] },
  azure: { own: ['azure/', 'contract/', 'core/'], packages: [/^@azure\//, NODE] },
  planning: {
    own: ['planning/', ...STORED, ...ARM],
    packages: [/^uuid$/, /^p-limit$/, NODE],
  },
  database: {
    own: ['database/', 'contract/', 'core/', 'lib/'],
    packages: [/^kysely$/, /^pg$/, /^@electric-sql\/pglite/, NODE],
  },
  jobs: {
    own: ['jobs/', ...STORED, ...ARM, 'azure/writes/apply-field-changes.ts'],
    packages: [/^pg-boss$/, /^uuid$/, NODE],
  },
  inventory: {
    own: ['inventory/', ...STORED, ...ARM, 'azure/estate/estate.ts'],
    packages: [NODE],
  },
  campaigns: {
    own: ['campaigns/', 'contract/', 'core/', 'database/', 'lib/', 'planning/planning.ts', 'jobs/jobs.ts'],
    packages: [/^node:crypto$/],
  },
  routes: {
    own: [
      'routes/',
      'campaigns/campaigns.ts',
      'contract/',
      'core/',
      'reports/',
      'database/',
      'planning/planning.ts',
      'jobs/jobs.ts',
      'webhooks/webhooks.ts',
      'inventory/inventory.ts',
    ],
    packages: [/^(@fastify\/|fastify(-plugin)?$)/, /^typebox($|\/)/, /^(jose|negotiator|uuid)$/, NODE],
  },
  webhooks: {
    own: ['webhooks/', ...STORED, 'jobs/deps.ts', 'inventory/deps.ts'],
    packages: [/^standardwebhooks$/, NODE],
  },
  reports: { own: ['reports/', 'contract/', 'core/'], packages: [] },
  // Observes the other modules through the interfaces that they export for it; none of them imports it.
  telemetry: {
    own: [
      'telemetry/',
      'contract/',
      'core/',
      'lib/',
      'azure/client/arm-observer.ts',
      'database/stores/stats.ts',
      'inventory/deps.ts',
      'campaigns/deps.ts',
      'jobs/deps.ts',
      'planning/planning.ts',
      'planning/snapshot/take-snapshot.ts',
      'routes/server/observe-requests.ts',
      'webhooks/deps.ts',
    ],
    packages: [/^prom-client$/, /^pino$/, /^@opentelemetry\//, NODE],
  },
  simulator: { own: ['simulator/'], packages: [/^fastify$/, NODE] },
  // Calls the operations through the application, and no module below them.
  mcp: {
    own: ['mcp/', 'routes/', 'contract/'],
    packages: [/^fastify$/, /^typebox($|\/)/, /^@modelcontextprotocol\/server$/, NODE],
  },
  'app.ts': {
    own: ['mcp/', 'routes/', 'contract/', 'core/', 'planning/planning.ts', 'jobs/jobs.ts'],
    packages: [/^fastify$/, /^fastify-plugin$/, /^@fastify\//, /^typebox($|\/)/, NODE],
  },
  admin: { own: ['', '../package.json'], packages: [/^kysely$/, /^uuid$/, NODE] },
  'admin.ts': { own: ['admin/', 'config.ts'], packages: [NODE] },
  'start-log.ts': { own: ['config/', 'config.ts', 'core/'], packages: [] },
  config: { own: ['config/', 'core/'], packages: [/^node:net$/] },
  'config.ts': { own: ['config/', 'contract/'], packages: [] },
  'data-folder.ts': { own: ['config.ts', 'database/engine/storage-full.ts'], packages: [NODE] },
  'check-health.ts': { own: ['config.ts'], packages: [NODE] },
  'stop-phases.ts': { own: ['core/', 'lib/'], packages: [] },
  'services.ts': { own: [''], packages: [/^uuid$/, NODE] },
  'lifecycle.ts': { own: ['', '../package.json'], packages: [NODE] },
  'main.ts': { own: ['lifecycle.ts'], packages: [NODE] },
}

/**
 * The folders of each module, lowest first: a file imports only from its own folder and from folders before it.
 * `.` stands for the files directly in the module; where it is not listed, they come last.
 */
const FOLDER_ORDER: Record<string, readonly string[]> = {
  azure: ['.', 'errors', 'client', 'mapping', 'reads', 'writes', 'allow-lists', 'estate', 'connect'],
  contract: ['.'],
  core: [
    'lib',
    'arm',
    'references',
    'snapshot',
    'maintenance',
    'request',
    'support-matrix',
    'target',
    'egress',
    'preparation',
    'cleanup',
    'endpoints',
    'probe',
    'allow-lists',
    'context',
    'plan',
    'plan/steps',
    'resource-changes',
    'cost',
    'preflight',
    'handoff',
    'rules',
    'planner',
    'inventory',
    'job',
    'access',
    'audit',
    'webhooks',
    'campaign',
  ],
  database: ['engine', 'migrations', 'clock', 'stores', 'audit', 'links'],
  jobs: ['.', 'queue', 'probes', 'steps', 'worker', 'commands'],
  planning: ['prices', 'readers', 'snapshot', 'requests', '.'],
  reports: ['document', 'plan', 'inventory', 'diagram', 'sections', 'page', 'overview', 'job', 'campaign'],
  routes: [
    '.',
    'problems',
    'idempotency',
    'validation',
    'auth',
    'conditional',
    'examples',
    'openapi',
    'server',
    'operations',
  ],
  simulator: [
    'lib',
    'faults',
    'world',
    'arm',
    'network',
    'egress',
    'validation',
    'cluster',
    'authorization',
    'monitor',
    'subscription',
    'fleet',
    'watcher',
    'compute',
    'server',
    'control',
  ],
}

/** Imports of another folder that comes later in the order of their module. */
function upwardImports(file: SourceFile): string[] {
  const [module = '', ...rest] = file.path.split('/')
  const order = FOLDER_ORDER[module]
  if (rest.length === 0 || order === undefined) return []
  const level = (path: string) => {
    const folder = posix.dirname(path.slice(module.length + 1))
    const index = order.indexOf(folder)
    if (index < 0 && folder !== '.') throw new Error(`${module}/${folder} has no place in FOLDER_ORDER`)
    return index < 0 ? order.length : index
  }
  return importedFiles(file)
    .filter((path) => path.startsWith(`${module}/`) && level(path) > level(file.path))
    .map((path) => `${file.path} imports ${path}`)
}

/** The files of `src` that a file imports, relative to `src`. */
function importedFiles(file: SourceFile): string[] {
  return file.imports
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(file.path), specifier))
}

/** Groups of files that import each other in a circle (Tarjan's strongly connected components). */
function importCycles(sources: readonly SourceFile[]): string[][] {
  const edges = new Map(sources.map((file) => [file.path, importedFiles(file)]))
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const cycles: string[][] = []
  const visit = (path: string): number => {
    const own = index.size
    index.set(path, own)
    low.set(path, own)
    stack.push(path)
    for (const next of edges.get(path) ?? []) {
      if (!edges.has(next)) continue
      if (!index.has(next)) low.set(path, Math.min(low.get(path) ?? own, visit(next)))
      else if (stack.includes(next)) low.set(path, Math.min(low.get(path) ?? own, index.get(next) ?? own))
    }
    if (low.get(path) === own) {
      const members = stack.splice(stack.indexOf(path))
      if (members.length > 1 || edges.get(path)?.includes(path)) cycles.push(members.toSorted())
    }
    return low.get(path) ?? own
  }
  for (const path of edges.keys()) if (!index.has(path)) visit(path)
  return cycles
}

function forbiddenImports(file: SourceFile): string[] {
  const module = file.path.split('/')[0] ?? ''
  const rule = MODULES[module]
  if (rule === undefined) return [`${file.path}: no rule says what it may import`]
  return file.imports
    .filter((specifier) => !isAllowed(specifier, file.path, rule))
    .map((specifier) => `${file.path} imports ${specifier}`)
}

function isAllowed(specifier: string, from: string, rule: Rule): boolean {
  if (!specifier.startsWith('.')) return rule.packages.some((each) => each.test(specifier))
  const path = posix.join(posix.dirname(from), specifier)
  if (rule.own.includes(path)) return true
  return !path.startsWith('..') && rule.own.some((each) => isInside(path, each))
}

function isInside(path: string, folder: string): boolean {
  return folder === '' || (folder.endsWith('/') && path.startsWith(folder))
}

/** What the core may not touch: I/O, clocks, chance. */
const IMPURE = [
  ...'process setTimeout setInterval setImmediate queueMicrotask fetch crypto'.split(' '),
  ...'performance console Buffer globalThis Promise'.split(' '),
]

function impurities(file: SourceFile): string[] {
  return file.nodes.flatMap((node) => {
    const found = impurity(node)
    return found === null ? [] : [`${file.path}: ${found}`]
  })
}

function impurity(node: Node): string | null {
  if (node.type === 'Identifier' && IMPURE.includes(String(node.name))) return String(node.name)
  if (node.async === true) return 'async'
  if (node.type === 'AwaitExpression') return 'await'
  if (node.type === 'ForOfStatement' && node.await === true) return 'await'
  if (isMember(node, 'Date', 'now')) return 'Date.now'
  if (isMember(node, 'Math', 'random')) return 'Math.random'
  const isDate = (node.callee as Node | undefined)?.name === 'Date'
  if (node.type === 'CallExpression' && isDate) return 'Date()'
  if (node.type === 'NewExpression' && isDate && (node.arguments as Node[]).length === 0) return 'new Date()'
  return null
}

function isMember(node: Node, object: string, property: string): boolean {
  if (node.type !== 'MemberExpression') return false
  const at = node.object as Node
  const key = node.property as Node
  return at.name === object && (key.name === property || key.value === property)
}

/** `process.x`, however it is got at: by member, by taking apart, or by importing the module. */
function reachesProcess(file: SourceFile, property: string): boolean {
  const takesApart = file.nodes.some(
    (node) =>
      node.type === 'VariableDeclarator' &&
      (node.id as Node).type === 'ObjectPattern' &&
      (node.init as Node | null)?.name === 'process',
  )
  return (
    takesApart ||
    file.imports.some((specifier) => /^(node:)?process$/.test(specifier)) ||
    file.nodes.some((node) => isMember(node, 'process', property))
  )
}

const files = sourceFiles()

t.test('there are source files to look at', async (t) => {
  t.ok(files.length > 100)
  t.ok(files.some((file) => file.imports.length > 0))
})

t.test('every file imports only what its module may import', async (t) => {
  t.strictSame(files.flatMap(forbiddenImports), [])
})

t.test('every module has a rule, and the rules see every kind of import', async (t) => {
  const forbidden = (path: string, text: string) => forbiddenImports(parseSource(path, text)).length
  t.equal(forbidden('core/x.ts', "import type { A } from '../azure/arm.ts'"), 1, 'a type import')
  t.equal(forbidden('core/x.ts', "export * from '../jobs/jobs.ts'"), 1, 'a re-export')
  t.equal(forbidden('core/x.ts', "export { a } from '../jobs/jobs.ts'"), 1, 'a named re-export')
  t.equal(forbidden('core/x.ts', "const a = import('node:fs')"), 1, 'a dynamic import')
  t.equal(forbidden('core/x.ts', 'const a = import(name)'), 1, 'a computed import')
  t.equal(forbidden('core/x.ts', "let a: import('../azure/arm.ts').Arm"), 1, 'an import type')
  t.equal(forbidden('core/x.ts', "import { a } from '../config.ts'"), 1, 'the configuration')
  t.equal(forbidden('core/x.ts', "import { a } from '../../test/a.ts'"), 1, 'what is outside of src')
  t.equal(forbidden('core/a/x.ts', "import { a } from '../b.ts'"), 0, 'its own module')
  t.equal(
    forbidden('planning/x.ts', "import { a } from '../azure/client/arm-clients.ts'"),
    1,
    'not the SDK clients',
  )
  t.equal(forbidden('planning/x.ts', "import type { Arm } from '../azure/arm.ts'"), 0, 'the Arm interface')
  t.equal(forbidden('simulator/x.ts', "import { a } from '../core/lib/cidr.ts'"), 1, 'no shared belief')
  t.equal(
    forbidden('services.ts', "import { a } from './azure/client/arm-clients.ts'"),
    0,
    'services.ts wires all',
  )
  t.equal(forbidden('drawer/x.ts', ''), 1, 'a module without a rule')
})

t.test('no file is part of an import cycle', async (t) => {
  t.strictSame(importCycles(files), [])
  const cycle = [
    parseSource('core/a.ts', "import type { B } from './b.ts'"),
    parseSource('core/b.ts', "import { c } from './c.ts'"),
    parseSource('core/c.ts', "export * from './a.ts'"),
    parseSource('core/d.ts', "import { a } from './a.ts'"),
  ]
  t.strictSame(importCycles(cycle), [['core/a.ts', 'core/b.ts', 'core/c.ts']])
})

t.test('no folder of a module imports from a folder above it', async (t) => {
  t.strictSame(files.flatMap(upwardImports), [])
  const upward = (path: string, text: string) => upwardImports(parseSource(path, text)).length
  t.equal(upward('core/lib/a.ts', "import type { B } from '../rules/b.ts'"), 1, 'a higher folder')
  t.equal(upward('core/rules/a.ts', "import { b } from '../lib/b.ts'"), 0, 'a lower folder')
  t.equal(upward('core/rules/a.ts', "import { b } from './b.ts'"), 0, 'its own folder')
  t.equal(upward('reports/document/a.ts', "import { b } from '../plan-report.ts'"), 1, 'the files at the top')
  t.throws(() => upward('core/drawer/a.ts', "import { b } from '../lib/b.ts'"), 'a folder without a place')
})

t.test('contract and core use no clock, randomness or process, and wait for nothing', async (t) => {
  t.strictSame(files.filter((file) => /^(contract|core)\//.test(file.path)).flatMap(impurities), [])
  const impure = [
    'const a = Date.now()',
    'const a = new Date()',
    'const a = Date()',
    'const a = Math.random()',
    "const a = Math['random']()",
    'const a = process.env',
    'async function a() {}',
    'const a = async () => 1',
    'const a = { async b() {} }',
    'export {}; await a',
    'export {}; for await (const a of b) c(a)',
    'setTimeout(a, 1)',
  ]
  for (const text of impure) t.not(impurities(parseSource('core/x.ts', text)).length, 0, text)
  t.strictSame(impurities(parseSource('core/x.ts', 'const a = new Date(b).getTime()')), [])
})

t.test('ARM words are compared case-insensitively by the helpers', async (t) => {
  const compared = files.filter(({ path }) => COMPARING_MODULES.test(path))
  t.strictSame(compared.filter(({ path }) => COMPARES_RAW[path] === undefined).flatMap(rawComparisons), [])
  const exceptions = compared.filter((file) => rawComparisons(file).length > 0).map(({ path }) => path)
  t.strictSame(Object.keys(COMPARES_RAW).toSorted(), exceptions.toSorted(), 'every exception is needed')
  const raw = [
    "pool.osType === 'Windows'",
    "pool?.osType !== 'Windows'",
    "'Windows' === osType",
    "pool.mode === 'System'",
    "cluster.networkPlugin?.toLowerCase() === 'kubenet'",
    'a.toLowerCase() !== b.toLowerCase()',
    'HOPS.includes(route.nextHopType.toLowerCase())',
    "['Internet', 'None'].includes(route.nextHopType)",
    "switch (route.nextHopType) { case 'Internet': }",
  ]
  for (const text of raw) t.equal(rawComparisons(parseSource('core/x.ts', text)).length, 1, text)
  const allowed = [
    "equalsArm(pool.osType, 'Windows')",
    "pool.osType === ''",
    'route.nextHopType === other',
    "job.status === 'Succeeded'",
    'text.toLowerCase()',
  ]
  for (const text of allowed) t.strictSame(rawComparisons(parseSource('core/x.ts', text)), [], text)
})

t.test('only programs and configurations read the environment, and only entry points exit', async (t) => {
  const reaching = (property: string, allowed: string[]) =>
    files
      .filter((file) => reachesProcess(file, property) && !allowed.includes(file.path))
      .map((file) => file.path)
  t.strictSame(
    reaching('env', [
      'config.ts',
      'main.ts',
      'check-health.ts',
      'admin.ts',
      'simulator/config.ts',
      'simulator/main.ts',
    ]),
    [],
  )
  t.strictSame(reaching('exit', ['main.ts', 'simulator/main.ts']), [])
  t.ok(reachesProcess(parseSource('x.ts', 'const { env } = process'), 'env'))
  t.ok(reachesProcess(parseSource('x.ts', "import { exit } from 'node:process'"), 'exit'))
})

t.test('no file is longer than 300 lines', async (t) => {
  t.strictSame(
    files.filter((file) => file.lines > 300).map((file) => `${file.path}: ${file.lines}`),
    [],
  )
})

t.test('file and folder names are kebab-case', async (t) => {
  const isKebab = (path: string) => /^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(path)
  t.strictSame(
    files.map((file) => file.path).filter((path) => !isKebab(path)),
    [],
  )
})

t.test('`npm test` runs every folder of tests that has no command of its own', async (t) => {
  const root = new URL('../', import.meta.url)
  const list = readFileSync(new URL('.taprc', root), 'utf8')
  const many = /test\/\{([^}]+)\}/.exec(list)?.[1]?.split(',') ?? []
  const parts = [...list.matchAll(/test\/(\w+)\/\{/g)].map(([, folder]) => folder ?? '')
  const folders = [...many, ...parts]
  const present = readdirSync(new URL('test/', root), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && file.includes('/'))
    .map((file) => file.split('/')[0] ?? '')
  const apart = ['faults']
  t.strictSame([...new Set(present)].filter((each) => !apart.includes(each)).toSorted(), folders.toSorted())
})

t.test('no test file awaits at its top level after its first test', async (t) => {
  const late = globSync('test/**/*.test.ts', { cwd: new URL('../', import.meta.url) }).filter((path) =>
    awaitsLate(parseSource(path, readFileSync(new URL(`../${path}`, import.meta.url), 'utf8'))),
  )
  t.strictSame(late, [])
  t.ok(awaitsLate(parseSource('x.test.ts', "t.test('a', f)\nconst b = await c()")))
  t.notOk(awaitsLate(parseSource('x.test.ts', "const b = await c()\nt.test('a', async () => { await b })")))
})

/**
 * Whether a statement at the top of the file awaits after a statement that starts a test: tap has ended by then.
 */
function awaitsLate({ nodes }: SourceFile): boolean {
  const statements = (nodes.find((node) => node.type === 'Program')?.body ?? []) as Node[]
  const first = statements.findIndex((statement) => contains(statement, startsTest))
  return first >= 0 && statements.slice(first + 1).some((statement) => contains(statement, isAwait))
}

const isAwait = (node: Node) => node.type === 'AwaitExpression'

function startsTest({ type, callee }: Node): boolean {
  const { object, property } = (callee ?? {}) as { object?: Node; property?: Node }
  return type === 'CallExpression' && object?.name === 't' && property?.name === 'test'
}

/** Whether a node, or one inside it that is not inside a function, is as asked. */
function contains(node: Node, isWanted: (node: Node) => boolean): boolean {
  if (isWanted(node)) return true
  if (/Function/.test(node.type)) return false
  return Object.values(node)
    .flat()
    .some(
      (child) =>
        typeof child === 'object' && child !== null && 'type' in child && contains(child as Node, isWanted),
    )
}

t.test('comments cite public pages only', async (t) => {
  const cited = globSync('{src,scripts,docs}/**/*.{ts,md}', { cwd: new URL('../', import.meta.url) }).filter(
    (path) =>
      /\b(rulebook|cli-rules|egress-model)\b/i.test(
        readFileSync(new URL(`../${path}`, import.meta.url), 'utf8'),
      ),
  )
  t.strictSame(cited, [])
})
