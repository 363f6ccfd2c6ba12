import { type JsonObject, textAt } from '../lib/json.ts'
import { World } from '../world/world.ts'
import { addAllowLists } from './allow-lists.ts'
import { SUBSCRIPTION } from './customer-network.ts'
import { CUSTOMER_NETWORK_MEMBERS, MANAGED_MEMBERS, type Member } from './members.ts'

/** The demo clusters, in the order in which lists show them. */
const ORDER = [
  'lb-managed',
  'lb-managed-ranges',
  'nat-managed',
  'natv2-managed',
  'lb-byo',
  'lb-byo-nat-ready',
  'lb-byo-nat-attached',
  'lb-byo-udr-ready',
  'lb-byo-udr-internet',
  'lb-byo-two-subnets',
  'lb-byo-ranges',
  'nat-byo',
  'udr-byo',
  'udr-private',
  'windows-nat',
  'kubenet-byo',
  'lb-services',
  'lb-own-ips',
  'dualstack-managed',
  'failed',
  'stopped',
  'isolated',
]

/** Names of the demo clusters. */
export function memberNames(): string[] {
  return ORDER
}

/** The builder of one demo cluster, which can also build a copy under another name. */
function memberOf(name: string): Member {
  const member = MANAGED_MEMBERS[name] ?? CUSTOMER_NETWORK_MEMBERS[name]
  if (member === undefined) throw new Error(`The demo cluster ${name} does not exist`)
  return member
}

/** By the settings on which the bodies depend. Worlds share bodies, because a world never changes a body in place. */
const fleets = new Map<string, ReturnType<World['describe']>>()

/** Fills an empty world with the demo fleet. */
export function demoFleet(world: World): void {
  const key = JSON.stringify(world.settings)
  const fleet = fleets.get(key) ?? buildFleet(world)
  fleets.set(key, fleet)
  world.restore(fleet)
}

function buildFleet({ clock, settings }: World): ReturnType<World['describe']> {
  const scratch = new World(clock, settings)
  for (const name of ORDER) memberOf(name)(scratch, name)
  addAllowLists(scratch)
  return scratch.describe()
}

/** Fills an empty world with copies of one demo cluster, each with all its resources: `{like}-0001` … */
export function addClones(world: World, like: string, count: number): void {
  const member = memberOf(like)
  for (let number = 1; number <= count; number += 1)
    member(world, `${like}-${String(number).padStart(4, '0')}`)
}

/** Fills an empty world with copies of the listed demo clusters in turn, spread over subscriptions. */
export function addEstate(world: World, likes: string[], count: number, subscriptions: number): void {
  const templates = likes.map((like) => templateOf(world, like))
  for (let number = 1; number <= count; number += 1) {
    const template = templates[number % templates.length]
    if (template === undefined) return
    const subscription = estateSubscription(number % subscriptions)
    const name = `${template.like}-${String(number).padStart(5, '0')}`
    let text = template.text.replaceAll(template.name, name).replaceAll(SUBSCRIPTION, subscription)
    for (const address of template.addresses)
      text = text.replaceAll(
        `"${address}"`,
        `"${world.nextAddress(address.includes(':') ? 'IPv6' : 'IPv4')}"`,
      )
    for (const body of JSON.parse(text) as JsonObject[]) world.put(body)
  }
}

/** The resources of one copy as text, because building thousands of copies one by one takes minutes. */
function templateOf(world: World, like: string) {
  const scratch = new World(world.clock, world.settings)
  const name = `${like}-00000`
  memberOf(like)(scratch, name)
  const bodies = scratch.all()
  const addresses = bodies.flatMap((body) => textAt(body, 'properties', 'ipAddress') ?? [])
  return { like, name, text: JSON.stringify(bodies), addresses }
}

function estateSubscription(index: number): string {
  return `00000000-0000-4000-8000-${String(index + 1).padStart(12, '0')}`
}
