import { listOutboundNetworkDependenciesEndpoints } from '@azure/arm-containerservice/api/managedClusters'
import type { OutboundDependency } from '../core/surroundings.ts'
import type { ClusterRef } from '../core/target.ts'
import { READ_API_VERSION } from './api-versions.ts'
import { type ArmCall, answersOf } from './arm-call.ts'
import type { ArmClients } from './arm-clients.ts'
import type { BodyReader } from './body-reader.ts'
import { drain, itemsOn } from './paged-list.ts'
import { checkSegments } from './path-segments.ts'

/** `outboundNetworkDependenciesEndpoints` of a cluster, all pages: one entry for each name, port and protocol. */
export async function readOutboundDependencies(
  clients: ArmClients,
  call: ArmCall,
  ref: ClusterRef,
): Promise<OutboundDependency[]> {
  checkSegments(ref.subscriptionId, ref.resourceGroup, ref.name)
  const client = clients.containerService(ref.subscriptionId, READ_API_VERSION)
  const list = () => listOutboundNetworkDependenciesEndpoints(client, ref.resourceGroup, ref.name).byPage()
  const pages = await answersOf(call, () => drain(list()))
  return itemsOn(pages).flatMap(dependenciesOf)
}

/** A detail without a name of its own is that of an address; what names neither says nothing. */
function dependenciesOf(item: BodyReader): OutboundDependency[] {
  const category = item.text('category') ?? ''
  return item.list('endpoints').flatMap((endpoint) =>
    endpoint.list('endpointDetails').flatMap((detail) => {
      const destination = endpoint.text('domainName') || detail.text('ipAddress')
      const port = detail.number('port')
      if (!destination || port === null) return []
      return [{ category, destination, port, protocol: detail.text('protocol') ?? '' }]
    }),
  )
}
