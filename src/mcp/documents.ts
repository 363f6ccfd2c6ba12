import { ProtocolError, ProtocolErrorCode, type ReadResourceResult } from '@modelcontextprotocol/server'
import type { Operation } from '../routes/operations/define-operation.ts'
import { getJob } from '../routes/operations/get-job.ts'
import { getPlan } from '../routes/operations/get-plan.ts'
import type { Send } from './dispatch.ts'
import { countTokens, fitProblem } from './results.ts'
import { DEFAULT_MAX_TOKENS, inlined } from './schemas.ts'
import { ALL_TOOLS } from './tools/all-tools.ts'
import { makeVisible, markReport, toDataText, UNTRUSTED_NOTE } from './untrusted.ts'

const MARKDOWN = 'text/markdown'

/** The reports that clients can read, by the kind of their URI. */
const REPORTS: Record<string, { operation: Operation; parameter: string }> = {
  plans: { operation: getPlan, parameter: 'planId' },
  jobs: { operation: getJob, parameter: 'jobId' },
}

export const RESOURCE_TEMPLATES = [
  {
    uriTemplate: 'egress://plans/{planId}{?part}',
    name: 'plan_report',
    title: 'Report of a plan',
    description: 'The plan as a Markdown report for people. Long reports have several parts.',
    mimeType: MARKDOWN,
  },
  {
    uriTemplate: 'egress://jobs/{jobId}{?part}',
    name: 'job_report',
    title: 'Report of a job',
    description: 'The job as a Markdown report for people: what is left to do, addresses, and steps.',
    mimeType: MARKDOWN,
  },
  {
    uriTemplate: 'egress://tools/{tool}',
    name: 'tool_arguments',
    title: 'Arguments of a tool',
    description: 'The complete schema of the arguments, such as egress://tools/plan.',
    mimeType: 'application/json',
  },
]

const REPORT_URI = /^egress:\/\/(plans|jobs)\/([0-9a-fA-F-]{36})(?:\?part=(\d{1,3}))?$/

/** Whether reading the resource calls an operation. */
export function isReport(uri: unknown): uri is string {
  return typeof uri === 'string' && REPORT_URI.test(uri)
}

const TOOL_URI = 'egress://tools/'

/** The report behind the URI, in parts that fit the default limit, or the arguments of a tool. */
export async function readResource(uri: string, send: Send): Promise<ReadResourceResult> {
  const tool = ALL_TOOLS.find(({ name }) => uri === TOOL_URI + name)
  if (tool !== undefined) {
    const text = JSON.stringify(inlined(tool.input), null, 1)
    return { contents: [{ uri, mimeType: 'application/json', text }] }
  }
  const [, kind = '', id = '', part = '1'] = REPORT_URI.exec(uri) ?? []
  const report = REPORTS[kind]
  if (report === undefined)
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `Unknown resource. Known: ${RESOURCE_TEMPLATES.map(({ uriTemplate }) => uriTemplate).join(', ')}.`,
    )
  const { operation, parameter } = report
  const answer = await send({ operation, params: { [parameter]: id }, headers: { accept: MARKDOWN } })
  if (answer.status !== 200) {
    const problem = fitProblem(answer)
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `${problem.code}. ${UNTRUSTED_NOTE} ${toDataText(problem)}`,
      { note: UNTRUSTED_NOTE, problem },
    )
  }
  const parts = splitReport(answer.text)
  const number = Number(part)
  const text = parts[number - 1]
  if (text === undefined)
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `The report has no part ${number}. It has ${parts.length}.`,
    )
  const base = uri.split('?')[0]
  const heading =
    number < parts.length
      ? `Part ${number} of ${parts.length}. Continue with ${base}?part=${number + 1}.`
      : `Part ${number} of ${parts.length}.`
  return { contents: [{ uri, mimeType: MARKDOWN, text: markReport(text, heading) }] }
}

/** Leaves space for the note and the marks around a part. */
const MAX_PART_TOKENS = DEFAULT_MAX_TOKENS - 300
/** A longer line is split. A character costs at most two tokens. */
const LINE_PIECES = new RegExp(`.{1,${MAX_PART_TOKENS / 2}}`, 'gu')

/** Parts of whole lines, none larger than a result may be by default. */
export function splitReport(report: string): string[] {
  const lines = makeVisible(report, true)
    .split('\n')
    .flatMap((line) => line.match(LINE_PIECES) ?? [''])
  const parts: string[] = []
  let part: string[] = []
  let tokens = 0
  for (const line of lines) {
    const cost = countTokens(line)
    if (tokens + cost > MAX_PART_TOKENS && part.length > 0) {
      parts.push(part.join('\n'))
      part = []
      tokens = 0
    }
    part.push(line)
    tokens += cost
  }
  return [...parts, part.join('\n')]
}
