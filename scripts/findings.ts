import { writeFile } from 'node:fs/promises'
import { type Finding, SEVERITIES } from '../src/contract/finding.ts'
import { PAGE_KEYS, PAGES, pageTitle, pageUrl } from '../src/core/references/pages.ts'
import { linkSources, type Source } from '../src/core/references/references.ts'
import { RULES } from '../src/core/rules/index.ts'
import { QUESTIONS } from '../src/core/rules/manual-checks.ts'
import { RETIRED_RULES } from '../src/core/rules/retired-rules.ts'
import { UNCOVERED_RULES } from '../src/core/rules/uncovered-rules.ts'
import { ALL_CASES } from '../test/core/rules/all-cases.ts'
import { planFor } from '../test/support/a-plan.ts'

/** The path of the document in the repository. */
export const FINDINGS_FILE = new URL('../docs/findings.md', import.meta.url)

/** The same examples as data, for `GET /findings`. */
export const FINDING_EXAMPLES_FILE = new URL('../src/routes/examples/findings.json', import.meta.url)

const MEANING = {
  blocker: 'The plan cannot be executed. Fix the cause and create a new plan.',
  acknowledge: 'The plan is executed only if the request lists the code in `acknowledge`.',
  warning: 'The plan can be executed. Read the finding first, because it can cause problems.',
  info: 'The plan can be executed. The finding is for information.',
}

/** The finding of the test case of each rule, in the order of the topics. */
function exampleFindings(): Finding[] {
  const cases = new Map(ALL_CASES)
  return RULES.map(({ code }) => {
    const { snapshot, target, given } = cases.get(code) ?? {}
    if (snapshot === undefined || target === undefined) throw new Error(`${code} has no test case`)
    const finding = planFor(snapshot, target, given).findings.find((candidate) => candidate.code === code)
    if (finding === undefined) throw new Error(`the test case of ${code} does not report ${code}`)
    return finding
  })
}

/** The examples that the service shows for each code. */
export function findingExamples(): Record<string, { message: string; remedy: string }> {
  return Object.fromEntries(exampleFindings().map(({ code, message, remedy }) => [code, { message, remedy }]))
}

/**
 * The page of all findings. Code, severity, confidence, and source come from the rules. Message and remedy come from the
 * plan of the test case of each rule.
 */
export function findingsText(): string {
  const findings = exampleFindings()
  return [
    head(findings.length),
    ...SEVERITIES.map((severity) => section(severity, findings)),
    questions(),
    uncoveredRules(),
    retiredRules(),
    sources(),
  ].join('\n')
}

function head(count: number): string {
  return `# Findings

This page lists the ${count} findings that a plan can contain. \`npm run findings\` generates it from the rules in
\`src/core/rules\`, and a test checks that it is up to date. Each message and remedy is an example: its numbers and
names come from a test case.

Each finding has a confidence:

- \`documented\`: Azure documents the behavior.
- \`observed\`: users observed the behavior; Azure does not document it.
- \`inferred\`: the behavior is concluded from other documented facts; the behavior itself is neither documented nor observed.

Each source links to the current edition of a page. The last table shows which edition was read.
`
}

function section(severity: Finding['severity'], findings: Finding[]): string {
  const rows = findings.filter((finding) => finding.severity === severity).map(row)
  return `## ${severity}

${MEANING[severity]}

| Code | Message | Remedy | Confidence | Source |
|---|---|---|---|---|
${rows.join('\n')}
`
}

function row({ code, message, remedy, confidence, source }: Finding): string {
  return `| \`${code}\` | ${cell(message)} | ${cell(remedy)} | ${confidence} | ${linkSources(source).map(link).join('; ')} |`
}

function link({ text, url }: Source): string {
  return url === null ? cell(text) : `[${cell(text)}](${url})`
}

function sources(): string {
  const rows = PAGE_KEYS.map(
    (key) =>
      `| ${link({ text: pageTitle(key), url: pageUrl(key) })} | ${PAGES[key][2] ?? '–'} | \`${key}\` |`,
  )
  return `## Sources

Comments in the code cite a page by its key.

| Page | Edition | Key |
|---|---|---|
${rows.join('\n')}
`
}

function questions(): string {
  const rows = QUESTIONS.map(({ rule, question }) => `| \`${rule}\` | ${cell(question)} |`)
  return `## Questions of \`ASK_BEFOREHAND\`

Azure Resource Manager does not show the answers to these questions. A plan asks only the questions that apply to its
change.

| Rule | Question |
|---|---|
${rows.join('\n')}
`
}

function uncoveredRules(): string {
  const rows = Object.entries(UNCOVERED_RULES).map(([rule, reason]) => `| \`${rule}\` | ${cell(reason)} |`)
  return `## Rules without a finding

These rules are known but have no finding.

| Rule | Reason |
|---|---|
${rows.join('\n')}
`
}

function retiredRules(): string {
  const rows = Object.entries(RETIRED_RULES).map(([code, instead]) => `| \`${code}\` | ${cell(instead)} |`)
  return `## Codes that are no longer reported

Earlier versions reported these codes. A job request may still list them in \`acknowledge\`; the service ignores them.

| Code | Instead |
|---|---|
${rows.join('\n')}
`
}

/** Escapes pipes, which would end the table cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

if (import.meta.main) {
  await writeFile(FINDINGS_FILE, findingsText())
  await writeFile(FINDING_EXAMPLES_FILE, `${JSON.stringify(findingExamples(), null, 2)}\n`)
}
