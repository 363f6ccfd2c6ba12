import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { createMetrics } from '../src/telemetry/metrics.ts'
import { samplesOf } from './support/telemetry.ts'

const read = (path: string) => readFileSync(new URL(`../deploy/${path}`, import.meta.url), 'utf8')

interface Rule {
  alert: string
  expr: string
  labels: { severity: string }
  annotations: { summary: string; action: string }
}
interface Panel {
  id: number
  title: string
  gridPos: { x: number; y: number; w: number; h: number }
  targets: { expr: string; legendFormat: string }[]
}

const rules: Rule[] = parse(read('prometheus/alerts.yaml')).groups.flatMap(
  (group: { rules: Rule[] }) => group.rules,
)
const { panels }: { panels: Panel[] } = JSON.parse(read('grafana/dashboard.json'))
const queries = [
  ...rules.map(({ alert, expr }) => ({ place: alert, expr })),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ place: title, expr }))),
]

/** The labels of each series that `/metrics` shows. */
function declaredSeries(): Map<string, string[]> {
  const { registry } = createMetrics({ version: '0', azure: 'simulated' })
  const series = new Map<string, string[]>()
  for (const metric of registry.getMetricsAsArray()) {
    const {
      name,
      type,
      labelNames = [],
    } = metric as unknown as {
      name: string
      type: string
      labelNames?: string[]
    }
    if (type !== 'histogram') series.set(name, labelNames)
    else for (const end of ['bucket', 'count', 'sum']) series.set(`${name}_${end}`, ['le', ...labelNames])
  }
  return series
}

const SERIES = declaredSeries()
const FUNCTIONS = ['sum', 'min', 'max', 'count', 'rate', 'increase', 'absent', 'histogram_quantile']
/** Added by Prometheus to every series. */
const TARGET_LABELS = ['instance']

/** The names in a query: series, functions, and labels. */
function namesIn(expr: string): { series: string[]; functions: string[]; labels: string[] } {
  const bare = expr.replace(/"[^"]*"/g, '""').replace(/\[[^\]]*\]/g, '')
  const matchers = [...bare.matchAll(/\{([^}]*)\}/g)].flatMap(
    ([, inner = '']) => inner.match(/\w+(?==|!)/g) ?? [],
  )
  const groups = [...bare.matchAll(/\bby \(([^)]*)\)/g)].flatMap(
    ([, inner = '']) => inner.match(/\w+/g) ?? [],
  )
  const rest = bare.replace(/\{[^}]*\}/g, '').replace(/\bby \([^)]*\)/g, '')
  const words = [...rest.matchAll(/\b[a-z_]\w*(\s*\()?/gi)].map(([word]) => word)
  return {
    series: words.filter((word) => !word.endsWith('(')),
    functions: words.filter((word) => word.endsWith('(')).map((word) => word.replace(/\s*\($/, '')),
    labels: [...matchers, ...groups],
  }
}

/** What in a query does not exist. */
function faultsOf(expr: string): string[] {
  const { series, functions, labels } = namesIn(expr)
  const known = [...series.flatMap((name) => SERIES.get(name) ?? []), ...TARGET_LABELS]
  return [
    ...(series.length === 0 ? ['no series'] : []),
    ...series.filter((name) => !SERIES.has(name)),
    ...functions.filter((name) => !FUNCTIONS.includes(name)),
    ...labels.filter((label) => !known.includes(label)),
  ]
}

t.test('every query names only series and labels that the service exposes', async (t) => {
  t.ok(queries.length > 25)
  for (const { place, expr } of queries) t.strictSame(faultsOf(expr), [], `${place}: ${expr}`)
})

t.test(
  'a new process exposes the counters of alerts with 0, so that their first event is an increase',
  async (t) => {
    const samples = samplesOf(await createMetrics({ version: '1', azure: 'azure' }).registry.metrics())
    const counters = rules.flatMap(({ alert, expr }) =>
      [...expr.matchAll(/increase\((\w+)(?:\{(.*?)\})?\[/g)].map(([, name = '', labels = '']) => ({
        alert,
        name,
        labels,
      })),
    )
    t.equal(counters.length, 6)
    for (const { alert, name, labels } of counters) {
      const found = [...samples].filter(([key]) => key.startsWith(`${name}{`) && key.includes(labels))
      t.ok(found.length > 0 && found.every(([, value]) => value === 0), alert)
    }
  },
)

t.test('the check finds unknown series, labels, and functions', async (t) => {
  t.strictSame(faultsOf('max(egress_nothing)'), ['egress_nothing'])
  t.strictSame(faultsOf('sum by (nothing) (egress_jobs_unfinished)'), ['nothing'])
  t.strictSame(faultsOf('sum(egress_jobs_unfinished{nothing="x"})'), ['nothing'])
  t.strictSame(faultsOf('nothing(egress_jobs_unfinished)'), ['nothing'])
  t.strictSame(faultsOf('rate(egress_job_duration_seconds[5m])'), ['egress_job_duration_seconds'])
  t.strictSame(faultsOf('vector(1)'), ['no series', 'vector'])
})

t.test('the dashboard shows every metric of the service itself', async (t) => {
  const shown = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => namesIn(expr).series))
  const names = new Set([...SERIES.keys()].map((name) => name.replace(/_(bucket|count|sum)$/, '')))
  const own = [...names].filter((name) => name.startsWith('egress_'))
  t.strictSame(
    own.filter((name) => !shown.some((series) => series.replace(/_(bucket|count|sum)$/, '') === name)),
    [],
  )
})

t.test('legends name only labels that their query keeps', async (t) => {
  for (const { title, targets } of panels)
    for (const { expr, legendFormat } of targets)
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
        t.ok(namesIn(expr).labels.includes(label), `${title}: ${label}`)
})

t.test('panels have distinct IDs and places', async (t) => {
  t.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  const overlaps = panels.flatMap(({ gridPos: a, title }, index) =>
    panels
      .slice(index + 1)
      .filter(({ gridPos: b }) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h)
      .map((other) => `${title} and ${other.title}`),
  )
  t.strictSame(overlaps, [])
})

t.test('docs/operations.md lists every alert with its severity', async (t) => {
  const page = readFileSync(new URL('../docs/operations.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| `(Egress\w+)` \| (\w+) \|/gm)].map(([, alert, severity]) => [
    alert,
    severity,
  ])
  t.strictSame(
    rows,
    rules.map(({ alert, labels }) => [alert, labels.severity]),
  )
})

t.test('every alert states its severity, what happened, and what to do', async (t) => {
  t.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length)
  for (const { alert, labels, annotations } of rules) {
    t.match(labels.severity, /^(page|info)$/, alert)
    t.match(annotations, { summary: /^[A-Z].*\.$/, action: /^[A-Z].*\.$/ }, alert)
  }
})
