import { Type } from 'typebox'
import { AZURE_MODES } from '../../contract/cluster.ts'
import { enumOf, string } from '../../contract/fields.ts'
import { defineOperation } from './define-operation.ts'

export const getHealth = defineOperation({
  operationId: 'getHealth',
  method: 'GET',
  path: '/healthz',
  tag: 'Service',
  summary: 'Whether the process lives',
  description: 'Asks nothing of the database or of Azure; restart the process when it does not answer.',
  grant: 'public',
  subject: 'nothing',
  quiet: true,
  evenUnderPressure: true,
  responses: {
    200: {
      description: 'It lives.',
      schema: Type.Object({ status: enumOf(['ok']), version: string(), azure: enumOf(AZURE_MODES) }),
      example: { health: (version: string) => ({ status: 'ok', version, azure: 'simulated' }) },
    },
  },
  problems: [],
  handle: ({ version, azure }) => ({ status: 'ok', version, azure }),
})
