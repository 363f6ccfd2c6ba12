import type { SnatSide } from '../../contract/egress.ts'
import { pathLabel } from '../../core/egress/paths.ts'
import { type Block, type Cell, paragraph, type Section, type Text } from '../document/document.ts'
import { connectionImpact, type ReportedPlan } from '../plan/reported-plan.ts'

/** What users of the cluster notice. */
export function disruptionSection(plan: ReportedPlan): Section {
  const { disruption: noticed, upgradeNodeImages } = plan
  const { before, after } = noticed.idleTimeoutInMinutes
  const fate = connectionImpact(plan)
  const facts: [string, Text][] = [
    ['Open connections', `${fate.charAt(0).toUpperCase()}${fate.slice(1)}.`],
    [
      'Idle timeout of connections',
      before === after ? minutes(after) : `${minutes(before)}, then ${minutes(after)}`,
    ],
    ['Ingress', noticed.ingress],
    [
      'Node image upgrade',
      upgradeNodeImages
        ? `${noticed.nodeImageUpgrade} The plan does it at its end.`
        : noticed.nodeImageUpgrade,
    ],
  ]
  return { id: 'disruption', title: 'What users notice', blocks: [{ kind: 'facts', facts }] }
}

function minutes(count: number | null): string {
  return count === null ? 'not known' : `${count} minutes`
}

/** Source ports before and after: whether the new egress carries as many connections as the old one. */
export function snatSection({ snat: { nodes, before, after, suggestedIpCount } }: ReportedPlan): Section {
  const suggestion: Block[] =
    suggestedIpCount === null
      ? []
      : [paragraph(`Addresses with which no node has fewer ports than before: ${suggestedIpCount}.`)]
  return {
    id: 'ports',
    title: 'Source ports (SNAT), before and after',
    blocks: [
      paragraph(
        `Counted for ${nodes.peak} nodes, the most there can be while every pool is at its largest and being upgraded; now there are ${nodes.now}.`,
      ),
      {
        kind: 'table',
        caption: 'Source ports before and after',
        columns: ['What', 'Before', 'After'],
        rows: [
          row('Path', before, after, ({ path }) => pathLabel(path)),
          row('Public IPv4 addresses', before, after, ({ addresses }) => number(addresses)),
          row('Ports of all addresses', before, after, ({ ports }) => number(ports)),
          row('Ports for each node', before, after, ({ portsPerNode }) => number(portsPerNode)),
          row('Nodes that fit', before, after, nodesThatFit),
          row('How it is counted', before, after, ({ rule }) => rule),
        ],
      },
      ...suggestion,
    ],
  }
}

function row(name: string, before: SnatSide, after: SnatSide, value: (side: SnatSide) => string): Cell[] {
  return [name, value(before), value(after)]
}

function number(count: number | null): string {
  return count === null ? 'not known' : count.toLocaleString('en-US')
}

function nodesThatFit({ maxNodes, ports }: SnatSide): string {
  if (maxNodes !== null) return number(maxNodes)
  return ports === null ? 'not known' : 'no fixed limit'
}
