import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { ConfigError, readConfig } from '../../src/config.ts'
import { exampleProblem, PROBLEM_CODES } from '../../src/routes/problems/problems.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { ALL_CASES } from '../core/rules/all-cases.ts'
import { planFor } from './a-plan.ts'
import { documents, readDocument } from './markdown.ts'
import type { Text } from './prose.ts'
import { type Node, type SourceFile, sourceFiles } from './source-files.ts'
import { titlesOf } from './test-titles.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Every text of the product that people read, from the catalogues that it comes from. */
export function allTexts(): Text[] {
  return [
    ...findingTexts(),
    ...problemTexts(),
    ...openapiTexts(),
    ...documentTexts(),
    ...reportTexts(),
    ...settingTexts(),
    ...monitoringTexts(),
    ...sourceTexts(),
  ]
}

/** What each rule says in the example that its tests keep. */
export function findingTexts(): Text[] {
  return ALL_CASES.flatMap(([code, { snapshot, target, given }]) => {
    const finding = planFor(snapshot, target, given).findings.find((found) => found.code === code)
    if (finding === undefined) throw new Error(`the case of ${code} does not yield it`)
    return [
      { kind: 'finding', place: `${code} message`, text: finding.message, single: true, punctuated: true },
      { kind: 'finding', place: `${code} remedy`, text: finding.remedy, imperative: true, punctuated: true },
    ]
  })
}

function problemTexts(): Text[] {
  return PROBLEM_CODES.flatMap((code) => {
    const { title, detail, remedy } = exampleProblem(code) as {
      title: string
      detail: string
      remedy?: string
    }
    return [
      { kind: 'problem', place: `${code} title`, text: title },
      { kind: 'problem', place: `${code} detail`, text: detail, punctuated: true },
      ...(remedy === undefined
        ? []
        : [{ kind: 'problem', place: `${code} remedy`, text: remedy, imperative: true, punctuated: true }]),
    ]
  })
}

/** Summaries, descriptions and tag texts of the OpenAPI document; examples are made of the other texts. */
function openapiTexts(): Text[] {
  const found: Text[] = []
  const visit = (value: unknown, place: string): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, member] of Object.entries(value)) {
      if (key === 'example' || key === 'examples') continue
      const here = `${place}/${key}`
      if (typeof member === 'string' && key === 'description')
        found.push({ kind: 'openapi', place: here, text: member, punctuated: true })
      else if (typeof member === 'string' && key === 'summary')
        found.push({ kind: 'openapi', place: here, text: member })
      else visit(member, here)
    }
  }
  visit(JSON.parse(readFileSync(`${ROOT}openapi/openapi.json`, 'utf8')), '')
  return found
}

/** The pages, paragraph by paragraph; code blocks and tables of generated pages are left to their own sources. */
export function documentTexts(files = documents()): Text[] {
  return files
    .filter((file) => file !== 'docs/findings.md')
    .flatMap((file) => markdownTexts('document', file, readDocument(file)))
}

/** The sentences of all accepted reports, each once. Their findings and labels are in other catalogues too. */
function reportTexts(): Text[] {
  const files = globSync('test/reports/golden/*.txt', { cwd: ROOT }).toSorted()
  const texts = files.flatMap((file) =>
    markdownTexts(
      'report',
      file,
      readDocument(file)
        .replace(/\\([!-/:-@[-`{-~])/g, '$1')
        .replace(/\*\*[^*\n]+:\*\* /g, ''),
    ),
  )
  return [...new Map(texts.map((text) => [text.text, text])).values()]
}

function markdownTexts(kind: string, file: string, markdown: string): Text[] {
  const prose = markdown
    .replace(/^```[\s\S]*?^```$/gm, '')
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/^\|.*\|$/gm, (row) =>
      /^\|[-: |]+\|$/.test(row) ? '' : row.slice(1, -1).split(' | ').join('\n\n'),
    )
    .replace(/^#+ /gm, '')
    .replace(/^!\[.*$/gm, '')
  return prose
    .split(/\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )/)
    .map((text) => text.replace(/^\s*(?:[-*>]|\d+\.) /gm, '').trim())
    .filter((text) => text !== '')
    .map((text) => ({ kind, place: `${file}: ${text.slice(0, 40)}`, text }))
}

/** The help texts of the metrics of the service, and the summaries of the alerts. */
function monitoringTexts(): Text[] {
  const metrics = createMetrics({ version: '1.0.0', azure: 'simulated' }).registry.getMetricsAsArray()
  const alerts: { rules: { alert: string; annotations: { summary: string } }[] }[] = parse(
    readFileSync(`${ROOT}deploy/prometheus/alerts.yaml`, 'utf8'),
  ).groups
  return [
    ...metrics
      .filter(({ name }) => name.startsWith('egress_'))
      .map(({ name, help }) => ({ kind: 'metric', place: name, text: help, punctuated: true })),
    ...alerts.flatMap(({ rules }) =>
      rules.map(({ alert, annotations }) => ({
        kind: 'alert',
        place: alert,
        text: annotations.summary,
        single: true,
        punctuated: true,
      })),
    ),
  ]
}

/** Log messages, comments, and the titles of tests. Every file is parsed once. */
function sourceTexts(): Text[] {
  const files = ['src', 'test', 'scripts'].flatMap((folder) =>
    sourceFiles(folder).map((file) => ({ ...file, path: `${folder}/${file.path}` })),
  )
  return [
    ...files.filter(({ path }) => path.startsWith('src/')).flatMap(logTexts),
    ...files.flatMap(commentTexts),
    ...files.filter(({ path }) => path.startsWith('test/')).flatMap(titleTexts),
  ]
}

/** The fixed parts of log messages: `logger.info(facts, 'message')` and its like. */
function logTexts({ path, nodes }: SourceFile): Text[] {
  return nodes.flatMap((node) => {
    const callee = node.callee as Node | undefined
    if (node.type !== 'CallExpression' || callee?.type !== 'MemberExpression') return []
    const method = String((callee.property as Node).name)
    const owner = callee.object as Node
    const name = String(owner.name ?? (owner.property as Node | undefined)?.name ?? '')
    if (!['debug', 'info', 'warn', 'error', 'fatal'].includes(method) || !/log/i.test(name)) return []
    return (node.arguments as Node[])
      .filter((argument) => argument.type === 'Literal' && typeof argument.value === 'string')
      .map((argument) => ({ kind: 'log', place: path, text: String(argument.value) }))
  })
}

/** Comments without directives for tools. A line with a tag such as `@throws` is a text of its own. */
function commentTexts({ path, comments }: SourceFile): Text[] {
  return comments
    .filter(({ text }) => !text.startsWith('biome-ignore'))
    .flatMap(({ line, text }) =>
      text.split(/\n(?=@)/).map((part) => ({ kind: 'comment', place: `${path}:${line}`, text: part })),
    )
}

function titleTexts(file: SourceFile): Text[] {
  return titlesOf(file).map((text) => ({ kind: 'title', place: `${file.path}: ${text.slice(0, 60)}`, text }))
}

/** What the service says of settings that are wrong. */
function settingTexts(): Text[] {
  const wrong = [
    { PORT: 'x', ROLE: 'x', LOG_LEVEL: 'x', AZURE_MODE: 'x', DATABASE_URL: 'x', PLAN_TTL_MINUTES: '0' },
    { ROLE: 'api', MATRIX_EDITION: 'x', AUTH_MODE: 'entra', TRUSTED_NETWORK: 'x', TRUSTED_PROXIES: 'x' },
    {
      HOST: '0.0.0.0',
      RATE_LIMIT_READS: '-1',
      CORS_ORIGINS: 'x',
      WEBHOOK_ALLOWED_NETWORKS: 'x',
      METRICS_PORT: 'x',
    },
    {
      AZURE_MODE: 'azure',
      ARM_ENDPOINT: 'x',
      SIMULATOR_PORT: 'x',
      SIMULATOR_TIME_SCALE: '0',
      STOP_DELAY_SECONDS: 'x',
    },
  ]
  return wrong.flatMap((environment) => {
    try {
      readConfig(environment)
      return []
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      return error.message
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((text) => ({ kind: 'setting', place: text.slice(0, 30), text: text.trim() }))
    }
  })
}
