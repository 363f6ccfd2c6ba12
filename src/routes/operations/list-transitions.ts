import { Type } from 'typebox'
import { enumOf, ref } from '../../contract/fields.ts'
import {
  SUPPORTS,
  type Transition,
  TransitionSchema,
  TYPE_KEYS,
  VNET_KINDS,
} from '../../contract/outbound-type.ts'
import { pageOf } from '../../contract/parameters.ts'
import { EDITION_NAMES } from '../../core/support-matrix/editions.ts'

import { defineOperation } from './define-operation.ts'

const EXAMPLE_TRANSITION: Transition = {
  vnet: 'byo',
  from: 'loadBalancer',
  to: 'userAssignedNATGateway',
  support: 'supported',
  editions: [
    { edition: '2024-04-29', verdict: 'Supported' },
    { edition: '2026-08-05', verdict: 'Supported' },
  ],
  reversible: true,
  reason:
    'AKS supports the change from loadBalancer to userAssignedNATGateway in a customer-managed VNet (support matrix of 2024-04-29: Supported, support matrix of 2026-08-05: Supported).',
}

export const listTransitions = defineOperation({
  operationId: 'listTransitions',
  method: 'GET',
  path: '/v1/transitions',
  tag: 'Transitions',
  summary: 'List the transitions between outbound types',
  description:
    'Returns the published support matrix of AKS, in all editions. An edition is the matrix as published on a date. For each kind of virtual network, the list contains every ordered pair of outbound types. Each pair shows whether AKS supports the change, whether it also supports the reverse change, and why. The list has no pages.',
  grant: 'Egress.Read',
  subject: 'nothing',
  query: Type.Object(
    {
      vnet: Type.Optional(
        enumOf(VNET_KINDS, {
          description: '`managed`: the virtual network is AKS-managed. `byo`: it is customer-managed.',
        }),
      ),
      from: Type.Optional(enumOf(TYPE_KEYS, { description: 'Returns only transitions from this type.' })),
      to: Type.Optional(enumOf(TYPE_KEYS, { description: 'Returns only transitions to this type.' })),
      support: Type.Optional(
        enumOf(SUPPORTS, { description: 'Returns only transitions with this support.' }),
      ),
      edition: Type.Optional(
        enumOf(EDITION_NAMES, {
          description: 'Returns only the transitions in this edition, with only the verdict of this edition.',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  responses: {
    200: {
      description: 'The transitions.',
      schema: pageOf(ref(TransitionSchema)),
      example: { transitions: { items: [EXAMPLE_TRANSITION], next: null } },
    },
  },
  problems: [],
  handle: ({ transitions }, { query }) => {
    const { vnet, from, to, support, edition } = query
    const items = transitions().filter(
      (row) =>
        (vnet ?? row.vnet) === row.vnet &&
        (from ?? row.from) === row.from &&
        (to ?? row.to) === row.to &&
        (support ?? row.support) === row.support,
    )
    return { items: edition === undefined ? items : rowsOfEdition(edition, items), next: null }
  },
})

/** The rows that the edition contains, each with only the verdict of that edition. */
function rowsOfEdition(edition: string, rows: readonly Transition[]): Transition[] {
  return rows
    .map((row) => ({ ...row, editions: row.editions.filter((cell) => cell.edition === edition) }))
    .filter((row) => row.editions.some(({ verdict }) => verdict !== 'absent'))
}
