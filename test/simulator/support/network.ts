import { type Simulated, SUBSCRIPTION } from './simulated.ts'

export const NETWORK = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-demo/providers/Microsoft.Network`
const VERSION = 'api-version=2025-01-01'
export const id = (path: string) => `${NETWORK}/${path}`
export const url = (path: string) => `${id(path)}?${VERSION}`
export const STANDARD = { location: 'eastus', sku: { name: 'Standard' } }

export const gateway = (properties: object, rest: object = STANDARD) => ({ ...rest, properties })
export const addresses = (...names: string[]) => ({
  publicIpAddresses: names.map((name) => ({ id: id(`publicIPAddresses/${name}`) })),
})
export const network = (subnets: object[], prefixes = ['10.9.0.0/16']) => ({
  location: 'eastus',
  properties: { addressSpace: { addressPrefixes: prefixes }, subnets },
})
export const subnet = (name: string, properties: object) => ({ name, properties })
/** Writes a network resource and waits for its end. */
export async function put(azure: Simulated, path: string, body: object) {
  const answer = await azure.ask('PUT', url(path), body)
  await azure.advance(5)
  return answer
}
