import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseEnv, promisify } from 'node:util'
import t from 'tap'
import manifest from '../package.json' with { type: 'json' }
import { ConfigError, readConfig } from '../src/config.ts'
import { clusterKey, clusterScopeOf, inScope, requiresApproval } from '../src/core/access/access-policy.ts'
import { parseAccessPolicy } from '../src/core/access/parse-access-policy.ts'
import { readConfig as readSimulatorConfig } from '../src/simulator/config.ts'
import {
  type Loose,
  listOf,
  type Service,
  service,
  temporaryFolder,
  until,
} from './acceptance/support/service.ts'
import { DEMO_CLUSTERS } from './support/demo.ts'
import { blocksOf, blockText, brokenLinks, documents, readDocument, tableNames } from './support/markdown.ts'
import { receiverServer } from './webhooks/support/receiver-server.ts'

const README = readDocument('README.md')
const SEPARATOR = '\n----\n'

/** Runs demo blocks as printed, one after the other in one shell as a reader would; returns the output of each. */
async function run(
  planner: Service,
  folder: string,
  names: string[],
  after = '',
  before = '',
): Promise<string[]> {
  const blocks = names.map((name) =>
    blockText('demo', name)
      .replaceAll('http://127.0.0.1:8080', planner.url)
      .replaceAll(/^cd .*\n/gm, ''),
  )
  const script = [...blocks, after].join(`\nprintf '${SEPARATOR.replaceAll('\n', '\\n')}'\n`)
  const { stdout } = await promisify(execFile)('bash', ['-c', `${before}\n${script}`], { cwd: folder })
  return stdout.split(SEPARATOR)
}

const lastLine = (text: string) => JSON.parse(text.trim().split('\n').at(-1) ?? 'null') as Loose

t.test('the commands of the documents work as printed', async (t) => {
  const planner = await service(t, { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8', SIMULATOR_TIME_SCALE: '60' })
  const folder = await temporaryFolder(t)
  // On a busy machine the service may be overloaded just after its start.
  await until(
    () => planner.get('/v1/transitions'),
    ({ status }) => status === 200,
  )

  for (const round of ['first', 'second'])
    await t.test(`the demo, ${round} round`, async (t) => {
      const names = ['egress', 'plan', 'job', 'follow', 'rollback']
      const output = await run(planner, folder, names, 'echo "$PLAN $JOB"')
      const [egress = '', report = '', accepted = '', followed = '', rollback = '', paths = ''] = output
      t.match(JSON.parse(egress), {
        cluster: { name: 'lb-managed' },
        declared: { outboundType: 'loadBalancer' },
        targets: [{}, { target: 'managedNATGateway', verdict: 'applicable' }],
      })
      t.match(report, /^# .*lb-managed/)
      t.match(report, /`EGRESS_IP_LOST`/)
      const plan = JSON.parse(await readFile(join(folder, 'plan.json'), 'utf8')) as Loose
      t.match(plan, { status: 'applicable', acknowledgementsRequired: ['EGRESS_IP_LOST'] })
      t.match(listOf(plan.egressIps)[0], { change: 'lost', recoverable: false })
      t.match(JSON.parse(accepted), { status: 'NotStarted', planId: plan.id })
      t.match(followed, /^retry: \d+\n\nid: 1\ndata: \{"sequence":1,[\s\S]*"type":"ended"[^\n]*\n\n/)
      const job = lastLine(followed)
      t.equal(job.status, 'Succeeded')
      t.equal(listOf(job.result?.egressIps).length, 2, 'the new addresses')
      t.match(rollback, /"type":"ended"[^\n]*\n\n$/)
      const [planPath = '', jobPath = ''] = paths.trim().split(' ')
      t.match(planPath, /^\/v1\/plans\/[0-9a-f-]{36}$/)
      const rolledBack = { status: 'Succeeded', result: { outboundType: 'loadBalancer' } }
      t.match((await planner.get(jobPath)).body, rolledBack)
    })

  await t.test('reports, polls, and a second job while one runs', async (t) => {
    const names = ['plan', 'report', 'job', 'plan', 'job']
    const [, reports = '', accepted = '', , rejected = ''] = await run(planner, folder, names)
    t.match(reports, /^# .*lb-managed/)
    t.match(reports, /\nchange,cidr,address,.*\r\nlost,[0-9.]+\/32,/)
    const page = await readFile(join(folder, 'plan.html'), 'utf8')
    t.match(page, /^<!doctype html>[\s\S]*<\/html>\n$/)
    t.match(JSON.parse(rejected), { code: /^(CLUSTER_LOCKED|PLAN_BLOCKED)$/, remedy: /./ })
    const { id } = JSON.parse(accepted) as { id: string }
    const [polled = ''] = await run(planner, folder, ['poll'], '', `JOB=/v1/jobs/${id}`)
    t.match(JSON.parse(polled), { id })
    const [stream = ''] = await run(planner, folder, ['stream'], '', `JOB=/v1/jobs/${id}`)
    t.match(stream, /"type":"ended"[^\n]*\n\n/)
  })

  await t.test('the demo without its rollback prints that there is nothing to change', async (t) => {
    const [, rejected = ''] = await run(planner, folder, ['plan', 'job'])
    t.match(JSON.parse(rejected), { status: 409, code: 'PLAN_NO_CHANGE', remedy: /./ })
  })

  await t.test('webhooks', async (t) => {
    const receiver = await receiverServer(t)
    const script = blockText('demo', 'webhook')
      .replaceAll('http://127.0.0.1:8080', planner.url)
      .replaceAll('http://127.0.0.1:9000/', receiver.url)
      .replaceAll(/^(curl .*)$/gm, '$1; echo')
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: folder })
    const [pinged = '', deliveries = ''] = stdout.trim().split('\n')
    t.match(JSON.parse(pinged), { type: 'webhook.ping' })
    t.match(JSON.parse(deliveries), { items: [{ type: 'webhook.ping', id: JSON.parse(pinged).id }] })
    await receiver.reaches(1)
  })

  await t.test('a service that does not run', async (t) => {
    await planner.process.kill()
    await t.rejects(run(planner, folder, ['egress', 'plan']), /curl: \(7\)/)
  })
})

t.test('the access policy of the documents is valid', async (t) => {
  const outcome = parseAccessPolicy(JSON.parse(blockText('example', 'access-policy')))
  t.strictSame('faults' in outcome ? outcome.faults : [], [])
  const policy = 'policy' in outcome ? outcome.policy : null
  const bot = { id: 'x', appId: '88888888-8888-8888-8888-888888888888', groups: [] }
  const shop = {
    subscriptionId: '22222222-2222-2222-2222-222222222222',
    resourceGroup: 'rg-prod',
    name: 'aks-shop',
  }
  t.equal(inScope(clusterScopeOf(policy, bot, 'execute'), clusterKey(shop)), true)
  t.equal(requiresApproval(policy, clusterKey(shop)), true)
})

t.test('the configurations of agent clients are JSON with one server and its token', async (t) => {
  const inline = [...README.matchAll(/^\| .*`(\{.*\})` \|$/gm)].map(([, text = '']) => text)
  const blocks = blocksOf('docs/agents.md').filter(({ language }) => language === 'json')
  t.strictSame([inline.length, blocks.length], [2, 3])
  for (const text of [...inline, ...blocks.map((block) => block.text)]) {
    const { servers, mcpServers, ...rest } = JSON.parse(text) as Record<string, object>
    t.ok((servers === undefined) !== (mcpServers === undefined))
    t.strictSame(
      Object.keys(rest).filter((name) => name !== 'inputs'),
      [],
    )
    const { egress } = (servers ?? mcpServers) as Record<
      string,
      { url: string; headers?: Record<string, string> }
    >
    t.match(egress?.url, /^https?:\/\/[^/]+\/mcp$/)
    if (!inline.includes(text)) t.match(egress?.headers?.Authorization, /^Bearer (<token>|\$\{[\w:-]+\})$/)
  }
  const commands = [README, readDocument('docs/agents.md')].flatMap((text) =>
    text.match(/claude mcp add .*\/mcp/g),
  )
  t.strictSame(commands.length, 2)
})

t.test('every npm script that the documents name exists', async (t) => {
  const scripts: Record<string, string> = manifest.scripts
  const named = /npm (?:run ([a-z][a-z:-]*)|(start|test)\b)/g
  for (const file of documents())
    for (const [command, long, short] of readDocument(file).matchAll(named))
      t.ok(scripts[long ?? short ?? ''], `${file}: ${command}`)
})

t.test('the files that a script starts exist', async (t) => {
  for (const [name, script] of Object.entries(manifest.scripts))
    for (const [file] of script.matchAll(/\b(src|scripts)\/\S+\.ts\b/g))
      t.ok(readDocument(file), `${name}: ${file}`)
})

t.test('every relative link leads to a file and a heading', async (t) => {
  t.ok(documents().length > 15)
  t.strictSame(documents().flatMap(brokenLinks), [])
})

t.test('the README is short and its numbers are right', async (t) => {
  t.ok(README.trimEnd().split('\n').length <= 150)
  t.ok(statSync(new URL('../docs/images/report.png', import.meta.url)).size <= 200_000)
  t.equal(Number(/fleet of (\d+) clusters/.exec(README)?.[1]), DEMO_CLUSTERS.length)
  t.match(manifest.engines.node, `>=${/Node (\d+) or later/.exec(README)?.[1]}`)
  t.equal(readDocument('.nvmrc').trim(), manifest.dependencies.node.split('.')[0])
})

t.test('the settings of docs/operations.md are the settings of the code', async (t) => {
  t.strictSame(tableNames('docs/operations.md', 'setting').toSorted(), namesReadBy(readConfig))
  t.strictSame(
    tableNames('docs/operations.md', 'simulator setting').toSorted(),
    namesReadBy(readSimulatorConfig),
  )
})

t.test('.env.example has every setting with its default', async (t) => {
  const example = parseEnv(readDocument('.env.example'))
  t.strictSame(Object.keys(example).toSorted(), namesReadBy(readConfig))
  t.strictSame(readConfig(example), readConfig({}))
})

t.test('settings that commands of the documents set are valid together', async (t) => {
  const placeholders = { '<tenant ID>': '11111111-1111-1111-1111-111111111111', '<client ID>': 'client' }
  const commands = documents()
    .flatMap(blocksOf)
    .filter(({ text }) => /^[A-Z_]+=.*npm start$/m.test(text))
  t.ok(commands.length >= 2)
  for (const { file, text } of commands) {
    const filled = Object.entries(placeholders).reduce((all, [name, value]) => all.replace(name, value), text)
    const settings = Object.fromEntries(
      [...filled.matchAll(/\b([A-Z_]+)=(\S+)/g)].map(([, name, value]) => [name, value]),
    )
    t.doesNotThrow(() => readConfig(settings), file)
    t.strictSame(
      Object.keys(settings).filter((name) => !namesReadBy(readConfig).includes(name)),
      [],
    )
  }
  t.throws(() => readConfig({ AZURE_MODE: 'azure' }), ConfigError, 'the check would notice')
})

/** The environment variables that a function reads. */
function namesReadBy(read: (environment: Record<string, string | undefined>) => unknown): string[] {
  const names = new Set<string>()
  read(new Proxy({}, { get: (_target, name) => void names.add(String(name)) }))
  return [...names].sort()
}

t.test('every file of the repository that the documents name exists', async (t) => {
  const missing = documents().flatMap((file) =>
    [...readDocument(file).matchAll(/`((?:src|test|scripts|docs|contract)\/[\w./-]+\.(?:ts|json|md|mjs))`/g)]
      .map(([, path = '']) => path)
      .filter(
        (path) => statSync(new URL(`../${path}`, import.meta.url), { throwIfNoEntry: false }) === undefined,
      )
      .map((path) => `${file}: ${path}`),
  )
  t.strictSame(missing, [])
})
