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
    "Supported from loadBalancer to userAssignedNATGateway in the user's own VNet: edition 2024-04-29 says Supported, edition 2026-08-05 says Supported.",
}

export const listTransitions = defineOperation({
  operationId: 'listTransitions',
  method: 'GET',
  path: '/v1/transitions',
  tag: 'Transitions',
  summary: 'Which outbound type can become which',
  description:
    'The whole support matrix of AKS, as dated editions: for each kind of virtual network every ordered pair of types, whether it is supported, whether there is a way back, and why. Not paged.',
  grant: 'Egress.Read',
  subject: 'nothing',
  query: Type.Object(
    {
      vnet: Type.Optional(
        enumOf(VNET_KINDS, { description: '`managed`: AKS owns the virtual network. `byo`: the user does.' }),
      ),
      from: Type.Optional(enumOf(TYPE_KEYS, { description: 'Only from this type.' })),
      to: Type.Optional(enumOf(TYPE_KEYS, { description: 'Only to this type.' })),
      support: Type.Optional(enumOf(SUPPORTS, { description: 'Only pairs with this support.' })),
      edition: Type.Optional(
        enumOf(EDITION_NAMES, { description: 'Only the cells of this edition, with its verdict alone.' }),
      ),
    },
    { additionalProperties: false },
  ),
  responses: {
    200: {
      description: 'The pairs.',
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

/** The rows that an edition's tables have, each with that edition's verdict alone. */
function rowsOfEdition(edition: string, rows: readonly Transition[]): Transition[] {
  return rows
    .map((row) => ({ ...row, editions: row.editions.filter((cell) => cell.edition === edition) }))
    .filter((row) => row.editions.some(({ verdict }) => verdict !== 'absent'))
}
