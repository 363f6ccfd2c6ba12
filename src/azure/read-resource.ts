import { READ_API_VERSION } from './api-versions.ts'
import type { ResourceReading } from './arm.ts'
import { type ArmCall, answerOf } from './arm-call.ts'
import type { ArmClients } from './arm-clients.ts'
import { BodyReader } from './body-reader.ts'
import { faultOfBody } from './fault-mapping.ts'
import { resourcePath } from './resource-path.ts'

/** One GET of any resource by its id, through the pipeline that all requests take. */
export async function readResource(
  clients: ArmClients,
  call: ArmCall,
  id: string,
  apiVersion: string,
): Promise<ResourceReading> {
  const { subscriptionId, path } = resourcePath(id, apiVersion)
  const client = clients.containerService(subscriptionId, READ_API_VERSION)
  const { body } = await answerOf(call, async () => client.pathUnchecked(`${clients.origin}${path}`).get())
  if (body === null) throw faultOfBody('it is empty')
  return { body, etag: new BodyReader(body).text('etag') }
}
