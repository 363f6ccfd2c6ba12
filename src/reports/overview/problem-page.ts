import type { Fault, ProblemDetails } from '../../contract/problem.ts'
import {
  bulletList,
  paragraph,
  prose,
  type ReportPage,
  type Section,
  type Text,
} from '../document/document.ts'
import { HOME_LINK, pageToHtml } from '../page/report-page.ts'

type ShownProblem = Omit<ProblemDetails, 'facts' | 'instance' | 'errors'> & {
  errors: readonly Fault[]
}

/** A problem as one HTML page, for a browser that opens a page of this service. */
export function htmlProblem(problem: ShownProblem, retryAfterSeconds: number | null = null): string {
  return pageToHtml(toPage(problem, retryAfterSeconds))
}

function toPage(problem: ShownProblem, retryAfterSeconds: number | null): ReportPage {
  const { title, status, code, detail, requestId, type } = problem
  return {
    heading: title,
    verdict: { mark: 'closed', word: `Error ${status}`, sentence: prose(detail) },
    isSimulated: false,
    identity: [
      ['Code', [{ code }]],
      ['Request ID', [{ code: requestId }]],
    ],
    runningTitle: title,
    sections: [remedySection(problem, retryAfterSeconds), ...errorsSection(problem)],
    links: [{ text: 'This problem type as JSON', path: type }, HOME_LINK],
  }
}

function remedySection({ remedy }: ShownProblem, seconds: number | null): Section {
  const reload = seconds === null ? [] : [paragraph(`Reload this page after ${seconds} s.`)]
  return { id: 'remedy', title: 'What to do', blocks: [...reload, paragraph(...prose(remedy))] }
}

/** A single error is already the detail of the problem. */
function errorsSection({ errors }: ShownProblem): Section[] {
  if (errors.length < 2) return []
  const items = errors.map(({ pointer, parameter, message }): Text => {
    const place = pointer ?? parameter ?? ''
    return place === '' ? prose(message) : [{ code: place }, ': ', ...prose(message)]
  })
  return [{ id: 'errors', title: 'Errors', count: errors.length, blocks: [bulletList(items)] }]
}
