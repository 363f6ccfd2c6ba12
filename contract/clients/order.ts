/** As much of Node as is used here: a client needs none of its types. */
declare const process: { env: Record<string, string | undefined>; stdout: { write(text: string): void } }

/** The service, and a change of a cluster of its demo fleet that no other client makes. */
export const BASE_URL = process.env.BASE_URL ?? 'http://127.0.0.1:8080'
export const CLUSTER = {
  subscriptionId: '11111111-1111-1111-1111-111111111111',
  resourceGroup: 'rg-demo',
  name: process.env.CLUSTER ?? 'lb-managed',
}
export const TARGET = { outboundType: 'managedNATGateway' as const }

/** What whoever runs the client looks for at its end. */
export function say(status: string | undefined, addresses: unknown): void {
  process.stdout.write(`${status} ${JSON.stringify(addresses)}\n`)
}
