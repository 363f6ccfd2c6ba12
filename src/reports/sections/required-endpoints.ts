import {
  type EndpointNeed,
  OPENNESS,
  type Openness,
  type RequiredEndpoint,
  type RequiredEndpoints,
} from '../../core/endpoints/required-endpoint.ts'
import { type Block, bullets, type Cell, paragraph, type Section } from '../document/document.ts'
import type { MarkName } from '../document/marks.ts'
import type { ReportedPlan } from '../reported-plan.ts'

const OPEN: Record<Openness, MarkName> = {
  open: 'open',
  notProven: 'notProven',
  notChecked: 'notChecked',
  blocked: 'closed',
}

const NEED: Record<EndpointNeed, string> = {
  required: 'required',
  conditional: 'by some clusters',
  recommended: 'for updates',
}

/** What nodes must reach once they leave by an appliance, closed ones first; left out where they do not. */
export function requiredEndpoints({ requiredEndpoints: given }: ReportedPlan): Section | null {
  if (given === null) return null
  const { endpoints, asOf } = given
  return {
    id: 'endpoints',
    title: 'What nodes must reach through the firewall',
    blocks: [
      paragraph(`${leadOf(endpoints)} The list is that of ${asOf}. ${sourceOf(given)}`),
      ...tableOf(endpoints),
      ...notCovered(given.coverage.notCovered),
    ],
  }
}

function leadOf(endpoints: RequiredEndpoint[]): string {
  const count = (open: Openness) => endpoints.filter((each) => each.open === open).length
  if (count('blocked') > 0) return `The firewall closes ${count('blocked')} of them.`
  if (count('notChecked') === endpoints.length)
    return 'Whether the appliance lets them through could not be checked.'
  return count('open') === endpoints.length
    ? 'The firewall lets all of them through.'
    : 'No rule that could be read closes any of them, and not all are proven open.'
}

function sourceOf({ coverage: { arm, why } }: RequiredEndpoints): string {
  if (arm === 'asked') return 'AKS itself was asked as well.'
  return arm === 'unread'
    ? `AKS itself could not be asked: ${why ?? 'no reason was given'}`
    : 'AKS itself was not asked.'
}

function tableOf(endpoints: RequiredEndpoint[]): Block[] {
  if (endpoints.length === 0) return []
  const sorted = endpoints.toSorted((a, b) => OPENNESS.indexOf(b.open) - OPENNESS.indexOf(a.open))
  return [
    {
      kind: 'table',
      caption: 'Destinations of the nodes',
      columns: ['Destination', 'Port', 'Through the firewall', 'Needed', 'What for'],
      rows: sorted.map(rowOf),
    },
  ]
}

function rowOf({ destination, port, protocol, need, reason, when, open }: RequiredEndpoint): Cell[] {
  return [
    [{ code: destination }],
    `${protocol} ${port}`,
    [{ mark: OPEN[open] }],
    `${NEED[need]} (${when})`,
    reason,
  ]
}

function notCovered(sentences: string[]): Block[] {
  return sentences.length === 0 ? [] : [paragraph('What no source covers:'), bullets(sentences)]
}
