import { readFile, writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import t from 'tap'
import type { AllowListImpact } from '../../src/contract/allow-lists.ts'
import type { MaintenanceConfiguration, PlannedMaintenance } from '../../src/contract/maintenance.ts'
import { codeSpan, escapeLineStart, escapeMarkdown } from '../../src/reports/document/escape.ts'
import type { ReportedPlan } from '../../src/reports/plan/reported-plan.ts'
import { htmlReport, markdownReport } from '../../src/reports/plan-report.ts'
import { elements, markdownSkeleton, type Node, parsePage, tableWidths, textOf } from './support/markup.ts'
import { DEMO_PLAN_NAMES, demoPlans, nastyText, withTexts } from './support/plans.ts'

const planOf = await demoPlans(t)
const allowListsText = (text: string) =>
  /## Allow lists of other resources\n([\s\S]*?)\n## /.exec(text)?.[1] ?? ''

const IMPACT: AllowListImpact = {
  resourceId:
    '/subscriptions/99999999-0000-0000-0000-000000000000/resourceGroups/rg-partner/providers/Microsoft.Network/networkSecurityGroups/nsg-shop',
  type: 'Microsoft.Network/networkSecurityGroups',
  place: '/properties/securityRules/0/properties/sourceAddressPrefix',
  rule: 'NoClusters',
  entry: '20.1.0.0/16',
  effect: 'deny',
  inForce: false,
  ineffective: null,
  covers: [{ address: '20.1.2.3', change: 'lost' }],
  add: [],
  addLater: 0,
  removeLater: [],
}

/** The table row of an impact. */
function rowOf(members: Partial<AllowListImpact>): string {
  const plan = planOf('to-be-accepted')
  const text = markdownReport({
    ...plan,
    allowLists: { ...plan.allowLists, impacts: [{ ...IMPACT, ...members }] },
  })
  return allowListsText(text)
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2, 3)
    .join()
}

t.test('shows the resource, its location, the rule, and the effect of the rule', async (t) => {
  const row = rowOf({})
  t.match(row, /`nsg-shop`; Network security group in rg-partner; subscription 99999999-/)
  t.match(row, /`NoClusters`; deny rule; not in effect/)
  t.match(row, /`20\.1\.0\.0\/16`; matches 20\.1\.2\.3/)
  const subscriptionId = planOf('to-be-accepted').cluster.subscriptionId.toUpperCase()
  const resourceId = IMPACT.resourceId.replace(/99999999[^/]*/, subscriptionId)
  t.notMatch(rowOf({ resourceId }), 'subscription ', "in the cluster's own subscription")
})

t.test('shows the path of a list without rule names, and an exact entry without its matches', async (t) => {
  const row = rowOf({ rule: null, entry: '20.1.2.3/32', effect: 'allow', inForce: true })
  t.match(row, /`\/properties\/securityRules\/0\/properties\/sourceAddressPrefix` \| `20\.1\.2\.3\/32` \|/)
})

t.test('shows what was not searched, with the reason', async (t) => {
  t.match(
    allowListsText(markdownReport(planOf('to-be-accepted'))),
    /apim-demo`: Only the global policy of the API Management service/,
  )
})

t.test('omits the search if the change removes and adds no address', async (t) => {
  const text = allowListsText(markdownReport(planOf('no-change')))
  t.match(text, /No known address is removed or added, so you do not need to change an allow list\./)
  t.notMatch(text, /search/i)
  t.match(
    allowListsText(markdownReport(planOf('through-a-firewall'))),
    /The search covered /,
    'the change removes an address without traffic',
  )
})

/** A section of a report, without its heading. */
function sectionText(plan: ReportedPlan, title: string): string {
  return new RegExp(`## ${title}\\n([\\s\\S]*?)(?=\\n## |$)`).exec(markdownReport(plan))?.[1] ?? ''
}

t.test('does not ask for anything before an executed plan', async (t) => {
  const executed = { ...planOf('to-be-accepted'), status: 'executed' as const }
  const text = sectionText(executed, 'Prerequisites')
  t.match(text, /^\nNone: a job executes .* acknowledged these findings:\n\n### ◆/)
  t.notMatch(text, 'POST /v1/jobs')
  t.notMatch(sectionText({ ...executed, findings: [] }, 'Prerequisites'), /findings/)
})

t.test('shows the planned maintenance window that applies, and the others', async (t) => {
  const window = (name: string) =>
    ({ name, summary: 'Every day at 01:00 (UTC+00:00) for 4 h' }) as MaintenanceConfiguration
  const maintenance = {
    configurations: [window('default'), window('aksManagedAutoUpgradeSchedule')],
    applies: 'aksManagedAutoUpgradeSchedule',
    nextOpensAt: '2026-09-02T01:00:00.000Z',
    because: '',
  }
  const text = (given: Partial<PlannedMaintenance>) =>
    sectionText({ ...planOf('to-be-accepted'), maintenance: { ...maintenance, ...given } }, 'Disruption')
  t.match(
    text({}),
    /aksManagedAutoUpgradeSchedule: Every day .* Next start: 2026-09-02T01:00:00.000Z. Other windows: default\./,
  )
  t.match(
    text({ applies: null, because: 'The maintenance configurations could not be read (denied).' }),
    /could not be read \(denied\)/,
  )
  t.match(text({ nextOpensAt: null }), /The next start is unknown/)
})

t.test('shows code only if a job executes or can execute the plan', async (t) => {
  const title = 'Update your infrastructure as code'
  for (const status of ['applicable', 'executed'] as const)
    t.match(sectionText({ ...planOf('to-be-accepted'), status }, title), 'az aks update', status)
  for (const status of ['discarded', 'expired', 'stale'] as const)
    t.equal(sectionText({ ...planOf('to-be-accepted'), status }, title), '', status)
  for (const name of ['blocked', 'unsupported'])
    t.notMatch(markdownReport(planOf(name)), /az aks update|azapi|pulumi/i, name)
})

t.test('does not mention a job in the code of a plan without changes', async (t) => {
  const text = sectionText(planOf('no-change'), 'Check your infrastructure as code')
  t.match(text, /If the two differ, the next run of your code changes the cluster\./)
  t.match(text, /# This code describes the state that the cluster already has\.\naz aks update/)
  t.notMatch(text, /the job|reverts/)
  t.match(planOf('no-change').handoff?.notice, /^The plan changes nothing: /)
  t.equal(sectionText(planOf('no-change'), 'Update your infrastructure as code'), '')
})

t.test('states above all code that it is for after the job, and the valid versions', async (t) => {
  const text = sectionText(planOf('prepared'), 'Update your infrastructure as code')
  t.match(text, /\*\*Important:\*\* Use the generated code after the job, not instead of the job\./)
  const listings = text.match(/\*\*[^*]+\*\*\n\n```/g) ?? []
  t.equal(listings.length, 12, 'prepared resources and the cluster, for six tools')
  for (const listing of listings) t.match(listing, /, only after the job: (prepared resources|cluster)\*\*/)
  t.match(text, /### Azure CLI, only after the job\n\n- \*\*Valid for:\*\* `azure-cli` 2\.74\.0 or later/)
})

t.test('omits the handoff of a plan of an earlier version', async (t) => {
  const { handoff, ...plan } = planOf('to-be-accepted')
  if (handoff === null) throw new Error('no hand-off')
  const { tools: _tools, notice: _notice, ...earlier } = handoff
  t.notMatch(markdownReport({ ...plan, handoff: earlier }), /infrastructure as code\n/)
})

t.test('lists the limitations of a rollback only if there is a rollback', async (t) => {
  const plan = planOf('to-be-accepted')
  t.match(
    sectionText(plan, 'Rollback'),
    /Limitations of the rollback:[\s\S]*The rollback plan that you create later can have further blockers/,
  )
  const rollback = {
    ...plan.rollback,
    supported: false,
    support: 'unsupported' as const,
    target: null,
    routes: [],
    plan: null,
  }
  const text = sectionText({ ...plan, rollback }, 'Rollback')
  t.match(text, /AKS does not support a rollback\./)
  t.notMatch(text, /Limitations/)
})

t.test(
  'shows at the top what is changed, who created the plan, and until when it is executable',
  async (t) => {
    const plan = planOf('to-be-accepted')
    const text = markdownReport(plan)
    const [, , , identity] = text.split('\n\n')
    t.equal(
      identity,
      [
        '- **Cluster:** `lb-managed` in `rg-demo`',
        `- **Subscription:** \`${plan.cluster.subscriptionId}\``,
        `- **Plan:** \`${plan.id}\``,
        '- **Created:** 2026-09-01 00:00 UTC by `tester`',
        '- **Executable until:** 2026-09-01 01:00 UTC',
      ].join('\n'),
    )
    t.match(markdownReport({ ...plan, status: 'expired' }), '- **Expired:** 2026-09-01 01:00 UTC')
    const [dl] = elements(parsePage(htmlReport(plan)), 'dl')
    t.equal(dl?.attributes.class, 'identity')
    t.match(textOf(dl as Node), /lb-managed in rg-demo.*Executable until2026-09-01 01:00 UTC/)
  },
)

t.test('shows a blocked plan with its blockers alone, and nothing to paste', async (t) => {
  for (const name of ['blocked', 'unsupported']) {
    const plan = planOf(name)
    const page = parsePage(htmlReport(plan))
    t.strictSame(elements(page, 'pre'), [], name)
    t.notMatch(textOf(page), /POST \/v1|GET \/v1|ip-changes/, name)
    const sections = elements(page, 'section').map(({ attributes }) => attributes.id)
    t.equal(sections[0], 'prerequisites', name)
    for (const id of ['ip-changes', 'allow-lists', 'steps', 'rollback', 'infrastructure-as-code'])
      t.notOk(sections.includes(id), `${name}: ${id}`)
    const blockers = plan.findings.filter(({ severity }) => severity === 'blocker').map(({ code }) => code)
    const text = sectionText(plan, 'Blockers')
    t.strictSame(
      [...text.matchAll(/### ■ Blocker `([A-Z0-9_]+)`/g)].map(([, code]) => code),
      blockers,
      name,
    )
    t.notMatch(text, /Warning|acknowledge/i, name)
    const added = plan.egressIps.flatMap(({ change, address }) => (change === 'added' ? (address ?? []) : []))
    for (const address of added) t.notMatch(textOf(page), address, `${name}: ${address}`)
  }
})

t.test(
  'folds warnings below their message, the most harmful first, and lists each source once',
  async (t) => {
    const plan = planOf('to-be-accepted')
    const page = parsePage(htmlReport(plan))
    const [section] = elements(page, 'section').filter(({ attributes }) => attributes.id === 'other-findings')
    const folded = elements(section as Node, 'details')
    t.strictSame(
      folded.map((node) => /[A-Z0-9_]{5,}/.exec(textOf(elements(node, 'summary')[0] as Node))?.[0]),
      [
        'ALLOWLIST_NAMES_LOST_ADDRESS',
        'EGRESS_IP_UNKNOWN_BEFOREHAND',
        'IDLE_TIMEOUT_SHRINKS',
        'NATV1_SINGLE_ZONE',
        'WAY_BACK_DISPUTED',
        'ALLOWLIST_ENTRY_INEFFECTIVE',
        'NATV1_STANDARD_CHOSEN',
      ],
    )
    t.notMatch(textOf(elements(folded[0] as Node, 'summary')[0] as Node), 'What to do:')
    const [list] = elements(page, 'section').filter(({ attributes }) => attributes.id === 'sources')
    const sources = elements(list as Node, 'li').map(textOf)
    t.equal(new Set(sources).size, sources.length)
    t.ok(sources.includes('AKS release notes 2023-07-30'))
  },
)

t.test('says new addresses once, and lists the entries to edit before those that stay', async (t) => {
  const text = allowListsText(markdownReport(planOf('to-be-accepted')))
  t.equal(text.match(/Unknown at plan time/gi)?.length, 1)
  t.match(text, /\*\*Unknown at plan time:\*\* 2 new addresses\. Add them as soon as the job reports them\./)
  const captions = [...text.matchAll(/^\*\*((?:Edit|Nothing)[^*]*)\*\*$/gm)].map(([, caption]) => caption)
  t.strictSame(captions, [
    'Edit: add the new addresses, and remove the entry after the change',
    'Edit: remove the entry after the change, and add nothing',
    'Edit: add the new addresses, and keep the entry, because its range also contains other addresses',
  ])
  t.notMatch(text, /nothing \|/)
  const plan = planOf('to-be-accepted')
  const textWith = (...additions: string[][]) =>
    allowListsText(
      markdownReport({
        ...plan,
        allowLists: { ...plan.allowLists, impacts: additions.map((add) => ({ ...IMPACT, add })) },
      }),
    )
  t.match(textWith(['20.9.0.1/32'], ['20.9.0.1/32']), /to add before the cutover:\*\* `20\.9\.0\.1\/32`\./)
  t.match(
    textWith(['20.9.0.1/32'], ['20.9.0.2/32']),
    /\| Entry \| Addresses to add \|[\s\S]*20\.9\.0\.1[\s\S]*20\.9\.0\.2/,
  )
})

t.test('names a carrier with the definite article', async (t) => {
  t.match(markdownReport(planOf('prepared')), /\| the NAT gateway `ng-lb-byo-egress` \(2 new addresses\) \|/)
})

t.test('does not report dropped connections if the egress path does not change', async (t) => {
  t.match(
    markdownReport(planOf('ranges')),
    /Open connections:\*\* may be dropped, although the egress path does not change\./,
  )
  t.match(
    markdownReport(planOf('through-a-firewall')),
    /Open connections:\*\* dropped at the cutover for the destinations whose egress path changes\./,
  )
  t.match(markdownReport(planOf('to-be-accepted')), /Open connections:\*\* dropped at the cutover\./)
  t.match(markdownReport(planOf('no-change')), /Open connections:\*\* not affected\./)
})

const pages = DEMO_PLAN_NAMES.map((name) => [name, parsePage(htmlReport(planOf(name)))] as const)

/** Elements and their attributes, except those that depend on a text: possible line breaks, and code in backticks. */
function skeletonOf(page: Node): string[] {
  return elements(page)
    .filter(({ name }) => name !== 'wbr' && name !== 'code')
    .map(({ name, attributes }) => `${name} ${Object.keys(attributes).join(' ')}`)
}

t.test('describes the page to browsers, phones, and screen readers', async (t) => {
  for (const [name, page] of pages) {
    const [html] = elements(page, 'html')
    t.equal(html?.attributes.lang, 'en', name)
    t.match(textOf(elements(page, 'title')[0] as Node), /^[A-Z][a-z0-9; ]+\. Egress of /)
    const meta = Object.fromEntries(
      elements(page, 'meta').map(({ attributes }) => [attributes.name ?? 'charset', attributes]),
    )
    t.match(meta, {
      charset: { charset: 'utf-8' },
      viewport: { content: 'width=device-width, initial-scale=1' },
      'color-scheme': { content: 'light dark' },
    })
    for (const landmark of ['header', 'nav', 'main', 'footer'])
      t.equal(elements(page, landmark).length, 1, `${name} has one ${landmark}`)
  }
})

t.test('has one h1 and skips no heading level', async (t) => {
  for (const [name, page] of pages) {
    const levels = elements(page)
      .flatMap((node) => /^h([1-6])$/.exec(node.name)?.[1] ?? [])
      .map(Number)
    t.equal(levels[0], 1, name)
    t.equal(levels.filter((level) => level === 1).length, 1, name)
    t.ok(
      levels.every((level, index) => level <= (levels[index - 1] ?? 0) + 1),
      levels.join(' '),
    )
  }
})

t.test('gives every table a caption and every row and column a header', async (t) => {
  for (const [, page] of pages) {
    const tables = elements(page, 'table')
    t.not(tables.length, 0)
    for (const table of tables) {
      const [caption] = elements(table, 'caption')
      t.match(textOf(caption as Node), /\S/)
      const [head, ...rows] = elements(table, 'tr')
      const columns = elements(head as Node, 'th')
      const names = columns.map(textOf)
      t.ok(columns.every((node) => node.attributes.scope === 'col' && textOf(node) !== ''))
      t.not(rows.length, 0)
      for (const row of rows) {
        t.strictSame(
          elements(row, 'th').map((node) => node.attributes.scope),
          ['row'],
        )
        t.equal(row.children.length, columns.length)
        // On a phone, where a row is a card, each cell shows the name of its column.
        t.strictSame(
          elements(row, 'td').map(({ attributes }) => attributes['data-column']),
          names.slice(1),
        )
      }
    }
  }
})

t.test(
  'makes scrolling areas reachable with the keyboard, and has unique IDs without dead links',
  async (t) => {
    for (const [, page] of pages) {
      const all = elements(page)
      const ids = all.flatMap(({ attributes }) => attributes.id ?? [])
      t.equal(new Set(ids).size, ids.length)
      const named = all.flatMap(({ attributes }) => attributes['aria-labelledby']?.split(' ') ?? [])
      const linked = all.flatMap(({ attributes }) =>
        attributes.href?.startsWith('#') ? attributes.href.slice(1) : [],
      )
      for (const id of [...named, ...linked]) t.ok(ids.includes(id), id)
      const scrolling = all.filter(({ name, attributes }) => name === 'pre' || attributes.class === 'wide')
      t.not(scrolling.length, 0)
      for (const { attributes } of scrolling)
        t.match(attributes, { tabindex: '0', role: 'region', 'aria-labelledby': /./ })
    }
  },
)

t.test('describes each picture as text', async (t) => {
  for (const [name, page] of pages) {
    const pictures = elements(page, 'svg')
    const titles = pictures.map((picture) => textOf(elements(picture, 'title')[0] as Node))
    if (planOf(name).status === 'blocked') t.strictSame(titles, ['Now'], name)
    else t.match(titles, ['Before', /^After/], name)
    for (const picture of pictures) {
      t.equal(picture.attributes.role, 'img')
      t.match(textOf(elements(picture, 'desc')[0] as Node), /^Packets from .*The API server: .*\.$/)
    }
  }
})

t.test('starts with the verdict, after the notice about a simulated Azure', async (t) => {
  for (const [name, page] of pages) {
    const [header] = elements(page, 'header')
    const names = elements(header as Node).map((node) => node.attributes.class ?? node.name)
    t.strictSame(names.filter((item) => /simulated|h1|verdict/.test(item)).length, 3, name)
    t.match(textOf(header as Node), /Simulated Azure.*\n.*Egress of .*\n.*\.$/m)
    const real = parsePage(htmlReport({ ...planOf(name), azure: 'azure' }))
    t.notMatch(textOf(elements(real, 'body')[0] as Node), /simulated/i)
  }
})

t.test(
  'shows the severity of every finding as a word, and as a shape that screen readers skip',
  async (t) => {
    for (const [name, page] of pages) {
      const { findings } = planOf(name)
      const parts = elements(page, 'article')
        .map((node) => textOf(elements(node).find((element) => /^h[34]$/.test(element.name)) as Node))
        .filter((title) =>
          /^([■◆▲●]) (Blocker|Requires acknowledgement|Warning|Info) [A-Z0-9_]+$/.test(title),
        )
      t.equal(parts.length, findings.length)
      for (const mark of elements(page, 'span').filter((node) => node.attributes.class?.startsWith('mark')))
        t.match(elements(mark, 'span')[0]?.attributes, { 'aria-hidden': 'true' })
    }
  },
)

t.test('never reads text from outside as markup', async () => {
  for (const name of DEMO_PLAN_NAMES) {
    const plan = planOf(name)
    const expected = skeletonOf(parsePage(htmlReport(withTexts(plan, [''])))).join('\n')
    fc.assert(
      fc.property(fc.array(nastyText, { minLength: 1, maxLength: 7 }), (texts) => {
        const page = htmlReport(withTexts(plan, texts))
        if (skeletonOf(parsePage(page)).join('\n') !== expected) throw new Error('other elements')
        // biome-ignore lint/suspicious/noControlCharactersInRegex: the expression finds control characters.
        if (/[\u0000-\u0008\u202a-\u202e\u2066-\u2069]/.test(page)) throw new Error('invisible characters')
      }),
      { numRuns: 40 },
    )
  }
})

/** `GOLDEN=write npm test -- test/reports/plan-report.test.ts` accepts a change. Read the difference. */
for (const name of DEMO_PLAN_NAMES)
  t.test(`writes the accepted report of the plan "${name}"`, async (t) => {
    const file = new URL(`./golden/${name}.txt`, import.meta.url)
    const text = markdownReport(planOf(name))
    if (process.env.GOLDEN === 'write') await writeFile(file, text)
    t.equal(text, await readFile(file, 'utf8').catch(() => ''))
  })

t.test('starts Markdown with the verdict, after the notice about a simulated Azure', async (t) => {
  for (const name of DEMO_PLAN_NAMES) {
    const plan = planOf(name)
    const [title, simulated, verdict] = markdownReport(plan).split('\n\n')
    t.match(title, /^# Egress of /)
    t.match(simulated, /^> \*\*Simulated Azure/)
    t.match(verdict, /^\*\*[✓◆■=×] [A-Z][a-z0-9; ]+\.\*\* \S.*\.$/)
    t.notMatch(markdownReport({ ...plan, azure: 'azure' }), /simulated/i)
  }
})

t.test('starts with the current status of a plan that can no longer be executed', async (t) => {
  for (const status of ['executed', 'discarded', 'expired', 'stale'] as const) {
    const text = markdownReport({ ...planOf('to-be-accepted'), status })
    t.match(text, /\*\*× No longer executable\.\*\* .* The plan can no longer be executed\./)
    t.notMatch(text, 'POST /v1/jobs')
  }
  t.match(markdownReport(planOf('to-be-accepted')), /POST \/v1\/jobs[\s\S]*"EGRESS\\?_IP\\?_LOST"/)
})

t.test('never reads text from outside as markup', async () => {
  for (const name of DEMO_PLAN_NAMES) {
    const plan = planOf(name)
    const expected = markdownSkeleton(markdownReport(withTexts(plan, [''])))
    fc.assert(
      fc.property(fc.array(nastyText, { minLength: 1, maxLength: 7 }), (texts) => {
        const report = markdownReport(withTexts(plan, texts))
        const found = markdownSkeleton(report)
        const line = found.findIndex((text, index) => text !== expected[index])
        if (line !== -1 || found.length !== expected.length)
          throw new Error(`line ${line}: ${found[line]} instead of ${expected[line]} `)
        for (const widths of tableWidths(report))
          if (new Set(widths).size !== 1) throw new Error(`rows of ${widths.join(', ')} cells `)
      }),
      { numRuns: 60 },
    )
  }
})

t.test('escapes text so that it reads the same, except for spaces and invisible characters', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
      const shown = escapeMarkdown(text)
        .replace(/\\([!-/:-@[-`{-~])/g, '$1')
        .replaceAll('&#124;', '|')
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&amp;', '&')
      if (shown !== text.replace(/\s+/g, ' ').trim()) throw new Error(`${text} became ${shown}`)
    }),
  )
})

t.test('writes code with backticks, and escapes the start of a line', async (t) => {
  t.equal(codeSpan('a`b'), '``a`b``')
  t.equal(codeSpan('`a``'), '``` `a`` ```')
  t.equal(codeSpan(' '), '(empty)')
  t.equal(codeSpan('a|b'), 'a&#124;b')
  for (const line of ['# a', ' # a', '- a', '+ a', '1. a', '12) a', '---', '==='])
    t.notMatch(escapeLineStart(line), /^\s*(#|-|\+|=|\d+[.)])/, line)
  t.equal(escapeLineStart('20.1.2.3 is lost'), '20.1.2.3 is lost')
})
