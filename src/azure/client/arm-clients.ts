import { type ContainerServiceContext, createContainerService } from '@azure/arm-containerservice/api'
import type { NetworkManagementClient } from '@azure/arm-network'
import { createResourceGraph, type ResourceGraphContext } from '@azure/arm-resourcegraph/api'
import type { TokenCredential } from '@azure/identity'
import type { ArmObserver } from './arm-observer.ts'
import type { CallBudget } from './call-budget.ts'
import { armCallPolicy, attemptPolicy, type Pipeline } from './pipeline-policies.ts'

/** The SDK's clients, one for each subscription (and API version), made when first needed. */
export interface ArmClients {
  /** Scheme, host and port; no request goes anywhere else. */
  origin: string
  containerService(subscriptionId: string, apiVersion: string): ContainerServiceContext
  network(subscriptionId: string): Promise<NetworkManagementClient>
  /** For what has no client of its own (get-by-path.ts); it adds no API version to a request. */
  anyPath(): ContainerServiceContext
  /** For queries over all subscriptions, and for a GET of any resource by its path. */
  resourceGraph(): ResourceGraphContext
}

export interface ArmClientOptions {
  endpoint: string
  credential: TokenCredential
  simulated: boolean
  caCertificate?: string
  /** null for no limits. */
  budget: CallBudget | null
  observe: ArmObserver
}

export function createArmClients(options: ArmClientOptions): ArmClients {
  const { credential } = options
  const { origin, protocol } = new URL(options.endpoint)
  const clientOptions = {
    endpoint: origin,
    allowInsecureConnection: protocol === 'http:',
    // The same object for all clients: the SDK keeps one pool of connections for each.
    tlsOptions: options.caCertificate === undefined ? undefined : { ca: options.caCertificate },
    credentials: { scopes: [`${origin}/.default`] },
    // Retries are attemptPolicy's. A redirect could take a request anywhere, and ARM sends none.
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
  }
  const prepare = <Client extends { pipeline: Pipeline }>(client: Client): Client => {
    preparePipeline(client.pipeline, origin, options)
    return client
  }
  const containerServices = new Map<string, ContainerServiceContext>()
  const anyPath = new Map<string, ContainerServiceContext>()
  const resourceGraphs = new Map<string, ResourceGraphContext>()
  const networks = new Map<string, Promise<NetworkManagementClient>>()
  return {
    origin,
    containerService: (subscriptionId, apiVersion) =>
      getOrCreate(containerServices, `${subscriptionId} ${apiVersion}`, () =>
        prepare(createContainerService(credential, subscriptionId, { ...clientOptions, apiVersion })),
      ),
    anyPath: () =>
      getOrCreate(anyPath, '', () => prepare(createContainerService(credential, '', clientOptions))),
    network: (subscriptionId) =>
      getOrCreate(networks, subscriptionId, async () => {
        // Imported when first needed: it takes half a second and some 20 MB.
        const { NetworkManagementClient } = await import('@azure/arm-network')
        return prepare(new NetworkManagementClient(credential, subscriptionId, clientOptions))
      }),
    resourceGraph: () =>
      getOrCreate(resourceGraphs, '', () => prepare(createResourceGraph(credential, '', clientOptions))),
  }
}

function preparePipeline(
  pipeline: Pipeline,
  origin: string,
  { simulated, budget, observe }: ArmClientOptions,
): void {
  pipeline.addPolicy(armCallPolicy(origin), { beforePolicies: ['bearerTokenAuthenticationPolicy'] })
  pipeline.addPolicy(attemptPolicy(budget, observe), { phase: 'Retry' })
  if (!simulated) return
  // A simulated Azure takes no token and may speak plain http, over which the SDK refuses to send one.
  pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' })
  // It runs nearby, where a proxy named in the environment would not find it.
  pipeline.removePolicy({ name: 'proxyPolicy' })
}

function getOrCreate<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}
