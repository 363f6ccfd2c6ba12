import type { SnatSide } from '../../core/plan-egress.ts'
import { spokenPath } from '../../core/spoken-paths.ts'
import { type Block, type Cell, paragraph, type Section } from '../document/document.ts'
import type { ReportedPlan } from '../reported-plan.ts'

/** Source ports before and after: whether the new egress carries as many connections as the old one. */
export function snat({ snat: { nodes, before, after, suggestedIpCount } }: ReportedPlan): Section {
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
          row('Path', before, after, ({ path }) => spokenPath(path)),
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
