import fc from 'fast-check'
import t from 'tap'
import type { AddressStage } from '../../../src/contract/egress.ts'
import { buildIpChangesReport, csvCell, ipChangesCsv } from '../../../src/reports/plan/ip-changes.ts'
import type { ReportedPlan } from '../../../src/reports/plan/reported-plan.ts'
import { markdownReport } from '../../../src/reports/plan-report.ts'
import { propertyRuns } from '../../support/property-runs.ts'
import { sectionOf } from '../support/markup.ts'
import { DEMO_PLAN_NAMES, demoPlans, nastyText } from '../support/plans.ts'

/** Strict RFC 4180: CRLF after every record, and quotes only around a whole cell. */
function parseCsv(text: string): string[][] {
  const records: string[][] = [[]]
  let rest = text
  while (rest !== '') {
    const [whole = '', quoted, plain = '', end = ''] =
      /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(rest) ?? []
    if (whole === '') throw new Error(`not RFC 4180: ${JSON.stringify(rest.slice(0, 80))}`)
    records.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain)
    rest = rest.slice(whole.length)
    if (end === '\r\n') records.push([])
  }
  if (records.pop()?.length !== 0) throw new Error('the last record does not end')
  return records
}

const planOf = await demoPlans(t)

t.test('writes the address changes of the plan as CSV', async (t) => {
  for (const name of DEMO_PLAN_NAMES) {
    const plan = planOf(name)
    const [header = [], ...rows] = parseCsv(ipChangesCsv(plan))
    const { items } = buildIpChangesReport(plan)
    t.equal(rows.length, plan.status === 'blocked' ? 0 : plan.egressIps.length, name)
    for (const [index, row] of rows.entries()) {
      const read = Object.fromEntries(header.map((column, at) => [column, row[at]]))
      const { address, cidr, family, change, advice, knownAt, recoverable, resourceId } = items[index] ?? {}
      t.strictSame(read, {
        change,
        cidr: cidr ?? '',
        address: address ?? '',
        family,
        advice,
        knownAt,
        recoverable: String(recoverable),
        resourceId: resourceId ?? '',
        cluster: plan.cluster.id,
        planId: plan.id,
        azure: 'simulated',
        jobId: '',
        stage: 'planned',
        planStatus: plan.status,
        supersededBy: '',
      })
    }
  }
})

t.test('writes no cell that a spreadsheet reads as a formula or that breaks out of its column', async () => {
  fc.assert(
    fc.property(fc.array(nastyText, { minLength: 1, maxLength: 5 }), (texts) => {
      const line = `${texts.map(csvCell).join(',')}\r\n`
      const [cells = [], ...others] = parseCsv(line)
      if (others.length > 0 || cells.length !== texts.length) throw new Error(`${JSON.stringify(line)}`)
      for (const cell of cells) if (/^\s*[=+\-@\t\r|%＝＋－＠]/.test(cell)) throw new Error(cell)
    }),
    { numRuns: propertyRuns(1.3) },
  )
})

t.test('keeps harmless text unchanged and other text readable', async (t) => {
  t.equal(csvCell('20.1.2.3/32'), '20.1.2.3/32')
  t.equal(csvCell('a,"b"'), '"a,""b"""')
  t.equal(csvCell('=1+1'), "'=1+1")
  t.equal(csvCell(' \t@SUM(A1)'), "'@SUM(A1)")
  t.equal(csvCell('a\r\nb'), 'a b')
  t.equal(csvCell(null), '')
  t.equal(csvCell(false), 'false')
})

t.test('advises what to do with each address in a firewall', async (t) => {
  const advice = (name: string) => buildIpChangesReport(planOf(name)).items.map((item) => item.advice)
  t.strictSame(advice('to-be-accepted'), ['removeAfter', 'allowWhenKnown', 'allowWhenKnown'])
  const [change] = planOf('to-be-accepted').egressIps
  const added = { ...planOf('prepared'), egressIps: [{ ...change, change: 'added' }] } as never
  t.match(buildIpChangesReport(added).items, [{ advice: 'allowBefore', cidr: /\/32$/ }])
})

t.test('advises nothing for a plan that no job can execute', async (t) => {
  const plan = planOf('to-be-accepted') as ReportedPlan
  for (const status of ['blocked', 'discarded', 'expired', 'stale'] as const) {
    t.match(buildIpChangesReport({ ...plan, status }), { planStatus: status, items: [] })
    t.equal(buildIpChangesReport({ ...plan, status }).items.length, 0, status)
    t.equal(parseCsv(ipChangesCsv({ ...plan, status })).length, 1, 'only the header')
    if (status !== 'blocked') {
      const report = markdownReport({ ...plan, status })
      t.match(
        sectionOf(report, 'Public IP changes'),
        /^\nNo job can execute this plan, so you do not need to change a firewall/,
      )
      t.match(sectionOf(report, 'Allow lists of other resources'), /^\nNo job can execute this plan/)
    }
    // The result of a job stays, also when its plan is closed.
    const stage = 'confirmed' as const
    t.equal(buildIpChangesReport({ ...plan, status, stage }).items.length, plan.egressIps.length, status)
  }
})

t.test('advises to act now once traffic has moved', async (t) => {
  const [change] = planOf('to-be-accepted').egressIps
  const rows = (['kept', 'added', 'lost', 'unknown'] as const).map((kind) => ({ ...change, change: kind }))
  const plan = { ...planOf('to-be-accepted'), egressIps: rows } as never as ReportedPlan
  const advice = (stage: AddressStage) =>
    buildIpChangesReport({ ...plan, stage }).items.map((item) => item.advice)
  for (const stage of ['planned', 'prepared'] as const)
    t.strictSame(advice(stage), ['keep', 'allowBefore', 'removeAfter', 'checkAfter'], stage)
  for (const stage of ['unconfirmed', 'confirmed'] as const)
    t.strictSame(advice(stage), ['keep', 'allowNow', 'removeNow', 'checkAfter'], stage)
})

t.test(
  'advises to check addresses of other resources, and to remove addresses that Azure has released',
  async (t) => {
    const { egressIps, ...plan } = planOf('to-be-accepted')
    const [row] = egressIps
    if (row === undefined) throw new Error('the plan has an address')
    const shared = { ...row, change: 'lost' as const, knownAt: 'plan' as const, usedBefore: [] }
    const adviceOf = (recoverable: boolean, stage: AddressStage) =>
      buildIpChangesReport({ ...plan, egressIps: [{ ...shared, recoverable }], stage }).items.map(
        ({ advice }) => advice,
      )
    t.strictSame(adviceOf(true, 'confirmed'), ['checkAfter'])
    t.strictSame(adviceOf(false, 'confirmed'), ['removeNow'])
    t.strictSame(adviceOf(true, 'planned'), ['checkAfter'])
  },
)
