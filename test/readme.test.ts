import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import manifest from '../package.json' with { type: 'json' }
import { readConfig } from '../src/config.ts'
import { clusterKey, clusterScopeOf, inScope, requiresApproval } from '../src/core/access/access-policy.ts'
import { parseAccessPolicy } from '../src/core/access/parse-access-policy.ts'
import { type Loose, listOf, service, temporaryFolder, until } from './acceptance/support/service.ts'
import { DEMO_CLUSTERS } from './support/demo.ts'
import { receiverServer } from './webhooks/support/receiver-server.ts'

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
const README = read('README.md')

/** The shell code below a comment such as `<!-- demo:plan -->`. */
function demo(name: string): string {
  const block = new RegExp(`<!-- demo:${name} -->\\n\`\`\`sh\\n([\\s\\S]*?)\`\`\``).exec(README)
  if (block?.[1] === undefined) throw new Error(`README.md has no demo:${name}`)
  return block[1]
}

async function bash(script: string): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script])
  return stdout
}

t.test('the four calls of the README work as printed', async (t) => {
  const planner = await service(t)
  const here = (script: string) => script.replaceAll('http://127.0.0.1:8080', planner.url)
  const parts = ['egress', 'plan', 'job'].map((name) => `${here(demo(name))}\necho; echo ----`)
  const output = await bash(`${parts.join('\n')}\necho "$PLAN $JOB"`)
  const [egress = '', plan = '', , names = ''] = output.split('\n----\n')
  t.match(JSON.parse(egress), {
    cluster: { name: 'lb-managed' },
    declared: { outboundType: 'loadBalancer' },
    targets: [{}, { target: 'managedNATGateway', verdict: 'applicable' }],
  })
  const planned = JSON.parse(plan) as Loose
  t.match(planned, {
    status: 'applicable',
    to: { natGateway: { managedOutboundIpCount: 2 } },
    acknowledgementsRequired: ['EGRESS_IP_LOST'],
  })
  t.match(listOf(planned.egressIps)[0], { change: 'lost', recoverable: false }, 'lost for good')
  const [planPath = '', jobPath = ''] = names.trim().split(' ')
  t.match(planPath, /^\/v1\/plans\/[0-9a-f-]{36}$/)
  t.match(jobPath, /^\/v1\/jobs\/[0-9a-f-]{36}$/)
  const job = await until(
    async () => JSON.parse(await bash(`JOB=${jobPath}\n${here(demo('poll'))}`)) as Loose,
    ({ status }) => !['NotStarted', 'Running'].includes(String(status)),
  )
  t.equal(job.status, 'Succeeded')
  t.equal(listOf(job.result?.egressIps).length, 2, 'the new addresses')
  const followed = await bash(`JOB=${jobPath}\n${here(demo('follow'))}`)
  t.match(followed, /^retry: \d+\n\nid: 1\ndata: \{"sequence":1,/)
  const [stream = '', last = ''] = followed.split(/\n\n(?=\{)/)
  t.match(stream, /"type":"ended"[^\n]*$/)
  t.strictSame(JSON.parse(last), job)
})

t.test('the access policy of the README is one that the service takes', async (t) => {
  const block = /<!-- example:access-policy -->\n```json\n([\s\S]*?)```/.exec(README)
  const outcome = parseAccessPolicy(JSON.parse(block?.[1] ?? 'null'))
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

t.test('the reports of the README come as printed', async (t) => {
  const planner = await service(t)
  const folder = await temporaryFolder(t)
  const here = (name: string) => demo(name).replaceAll('http://127.0.0.1:8080', planner.url)
  const output = await bash(`cd '${folder}'\n${here('plan')}\necho; echo ----\n${here('report')}`)
  const [, reports = ''] = output.split('\n----\n')
  t.match(reports, /^# Egress of lb-managed: loadBalancer to managedNATGateway\n/)
  t.match(reports, /\nchange,cidr,address,.*\r\nlost,[0-9.]+\/32,/)
  const page = await readFile(join(folder, 'plan.html'), 'utf8')
  t.match(page, /^<!doctype html>[\s\S]*<h1>Egress of lb-managed[\s\S]*<\/html>\n$/)
})

t.test('the webhook of the README is told as printed', async (t) => {
  const planner = await service(t, { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' })
  const receiver = await receiverServer(t)
  const script = demo('webhook')
    .replaceAll('http://127.0.0.1:8080', planner.url)
    .replaceAll('http://127.0.0.1:9000/', receiver.url)
    .replaceAll(/^(curl .*)$/gm, '$1; echo; echo ----')
  const [pinged = '', deliveries = ''] = (await bash(script)).split('\n----\n')
  t.match(JSON.parse(pinged), { type: 'webhook.ping' })
  t.match(JSON.parse(deliveries), { items: [{ type: 'webhook.ping', id: JSON.parse(pinged).id }] })
  await receiver.reaches(1)
})

t.test('every demo of the README is run here', async (t) => {
  const names = [...README.matchAll(/<!-- demo:(\w+) -->/g)].map(([, name]) => name)
  t.strictSame(names, ['egress', 'plan', 'job', 'poll', 'report', 'follow', 'webhook'])
})

t.test('every npm script that the documents name exists', async (t) => {
  const scripts: Record<string, string> = manifest.scripts
  for (const file of ['README.md', 'CONTRIBUTING.md', 'src/simulator/README.md'])
    for (const [command, long, short] of read(file).matchAll(/npm (?:run ([a-z][a-z:]*)|(start|test)\b)/g))
      t.ok(scripts[long ?? short ?? ''], `${file}: ${command}`)
})

t.test('the files that a script starts exist', async (t) => {
  for (const [name, script] of Object.entries(manifest.scripts))
    for (const [file] of script.matchAll(/\b(src|scripts)\/\S+\.ts\b/g)) t.ok(read(file), `${name}: ${file}`)
})

t.test('the README counts right', async (t) => {
  t.equal(Number(/fleet of (\d+) clusters/.exec(README)?.[1]), DEMO_CLUSTERS.length)
  t.match(manifest.engines.node, `>=${/Node (\d+) or later/.exec(README)?.[1]}`)
})

t.test('the settings of the README are the settings of the service', async (t) => {
  const rows = /^\| *setting *\|.*\n\|[-| :]+\|\n((?:\|.*\n)*)/im.exec(README)?.[1] ?? ''
  const documented = [...rows.matchAll(/^\|([^|]*)\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name),
  )
  const known = new Set<string>()
  readConfig(new Proxy({}, { get: (_target, name) => void known.add(String(name)) }))
  t.strictSame(documented.toSorted(), [...known].sort())
})
