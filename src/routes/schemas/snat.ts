import { Type } from 'typebox'
import { EFFECTIVE_PATHS } from '../../core/plan-egress.ts'
import { nullable, ref, text, words } from './plain.ts'

export const SnatSideSchema = Type.Object(
  {
    path: words(EFFECTIVE_PATHS),
    addresses: nullable(Type.Integer()),
    ports: nullable(Type.Integer()),
    portsPerNode: nullable(Type.Integer()),
    maxNodes: nullable(Type.Integer()),
    rule: text(),
  },
  { $id: 'SnatSide' },
)

export const SnatSchema = Type.Object(
  {
    nodes: Type.Object({ now: Type.Integer(), peak: Type.Integer() }),
    before: ref(SnatSideSchema),
    after: ref(SnatSideSchema),
    suggestedIpCount: nullable(Type.Integer(), {
      description:
        "Addresses after which no node has fewer ports than before; null where they are not the caller's choice.",
    }),
  },
  { $id: 'Snat', description: 'Source ports for outgoing connections, before and after.' },
)
