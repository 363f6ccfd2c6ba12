import type { World } from '../world/world.ts'
import { addAllowLists } from './allow-lists.ts'
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

/** The builder of one demo cluster, which can also build one like it under another name. */
function memberOf(name: string): Member {
  const member = MANAGED_MEMBERS[name] ?? CUSTOMER_NETWORK_MEMBERS[name]
  if (member === undefined) throw new Error(`The demo cluster ${name} does not exist`)
  return member
}

/** Fills an empty world with the demo fleet. */
export function demoFleet(world: World): void {
  for (const name of ORDER) memberOf(name)(world, name)
  addAllowLists(world)
}

/** Fills an empty world with clusters like one of the demo fleet, each with all its own resources: `{like}-0001` … */
export function addClones(world: World, like: string, count: number): void {
  const member = memberOf(like)
  for (let number = 1; number <= count; number += 1)
    member(world, `${like}-${String(number).padStart(4, '0')}`)
}
