import { equalsText, type JsonObject, objectsAt, textAt } from '../lib/json.ts'
import { networkIdOf } from '../network/network-body.ts'
import { typeOfKey } from '../world/identifiers.ts'
import type { World } from '../world/world.ts'

/** The input of the walker. A map of bodies is enough, so that a test can walk any network. */
export interface WorldReader {
  get(id: string | undefined): JsonObject | undefined
  /** All resources of a type, in lower case. */
  list(type: string): JsonObject[]
}

/** Reads a world and records what was read, so that only changes of these resources require another walk. */
export class RecordingReader implements WorldReader {
  /** Keys of resources, and `*` with a type for a list. */
  readonly keys = new Set<string>()
  private readonly world: World
  /** One walk reads the same few resources many times. */
  private readonly bodies = new Map<string, JsonObject | undefined>()

  constructor(world: World) {
    this.world = world
  }

  get(id: string | undefined): JsonObject | undefined {
    if (id === undefined) return undefined
    const known = this.bodies.get(id)
    if (known !== undefined) return known
    const body = this.world.get(id)
    this.bodies.set(id, body)
    this.keys.add(id.toLowerCase())
    return body
  }

  list(type: string): JsonObject[] {
    this.keys.add(`*${type}`)
    return this.world.list(type)
  }
}

/** The recorded keys that a change of this resource concerns. */
export function keysOfChange(key: string): string[] {
  return [key, `*${typeOfKey(key)}`]
}

/** The subnet with this ID. */
export function readSubnet(reader: WorldReader, subnetId: string): JsonObject | undefined {
  return objectsAt(reader.get(networkIdOf(subnetId)), 'properties', 'subnets').find((subnet) =>
    equalsText(textAt(subnet, 'id'), subnetId),
  )
}

/** Bodies are never changed in place, so the ID of their network is computed once. */
const networkIds = new WeakMap<JsonObject, string>()

/** The virtual network of a subnet. */
export function networkOf(reader: WorldReader, subnet: JsonObject): JsonObject | undefined {
  const id = networkIds.get(subnet) ?? networkIdOf(textAt(subnet, 'id') ?? '')
  networkIds.set(subnet, id)
  return reader.get(id)
}
