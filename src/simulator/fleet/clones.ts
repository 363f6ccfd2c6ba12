import type { World } from '../world/world.ts'
import { memberOf } from './demo-fleet.ts'

/** Fills an empty world with clusters like one of the demo fleet, each with all its own resources: `{like}-0001` … */
export function clonesOf(world: World, like: string, count: number): void {
  const member = memberOf(like)
  for (let number = 1; number <= count; number += 1)
    member(world, `${like}-${String(number).padStart(4, '0')}`)
}
