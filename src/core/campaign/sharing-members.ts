import { isActive, isOpen, type MemberState, type NewCampaignEvent } from './campaign-state.ts'

/** The group number of each member. Members that share a network resource, directly or through others, are in one group. */
export function groupBySharing(members: readonly Pick<MemberState, 'shares'>[]): number[] {
  const parent = members.map((_member, index) => index)
  const rootOf = (index: number): number => {
    let root = index
    while (parent[root] !== root) root = parent[root] ?? root
    // Long chains are followed only once.
    parent[index] = root
    return root
  }
  const holders = new Map<string, number>()
  members.forEach(({ shares }, index) => {
    for (const key of shares) {
      const holder = holders.get(key)
      if (holder === undefined) holders.set(key, index)
      else parent[rootOf(index)] = rootOf(holder)
    }
  })
  return members.map((_member, index) => rootOf(index))
}

/** A member that changes in another wave than requested. */
export interface Move {
  id: string
  wave: number
  movedBecause: string
}

/**
 * Members that share a network resource, directly or through others, change in the same wave: a change of the resource
 * concerns all of them. They change in the latest of their waves, so that no cluster changes earlier than requested.
 * Only waves that have not started change.
 */
export function joinSharingMembers(members: readonly MemberState[]): Move[] {
  const groups = groupBySharing(members)
  const latest = new Map<number, MemberState>()
  members.forEach((member, index) => {
    const group = groups[index] ?? index
    const found = latest.get(group)
    if (found === undefined || member.wave > found.wave) latest.set(group, member)
  })
  return members.flatMap((member, index) => {
    const last = latest.get(groups[index] ?? index)
    if (last === undefined || last.wave === member.wave) return []
    const shared = member.shares.find((key) => last.shares.includes(key)) ?? member.shares[0] ?? ''
    const movedBecause = `The cluster shares \`${shared}\` with clusters of wave ${last.wave + 1}.`
    return [{ id: member.id, wave: last.wave, movedBecause }]
  })
}

/**
 * Members that have been planned again can share other resources than before. What has not started moves to the members that
 * it shares them with.
 */
export function joinLater(members: readonly MemberState[]): MemberState[] {
  const open = members.filter((member) => isOpen(member) && member.status !== 'Planning')
  const moves = new Map(joinSharingMembers(open).map((move) => [move.id, move]))
  return open.flatMap((member) => {
    const move = moves.get(member.id)
    return move === undefined || isActive(member) ? [] : [{ ...member, ...move }]
  })
}

/** An entry of the log for each wave that the moves leave without members. */
export function emptiedEvents(
  members: readonly MemberState[],
  moves: readonly Pick<Move, 'id'>[],
): NewCampaignEvent[] {
  return emptiedWaves(members, moves).map((message) => ({ type: 'waveEmptied', memberId: null, message }))
}

/** A sentence about each wave that the moves leave without members. Such a wave proves nothing for later waves. */
function emptiedWaves(members: readonly MemberState[], moves: readonly Pick<Move, 'id'>[]): string[] {
  const moved = new Set(moves.map(({ id }) => id))
  const left = new Set(members.filter(({ id }) => !moved.has(id)).map(({ wave }) => wave))
  const emptied = members.filter(({ id, wave }) => moved.has(id) && !left.has(wave)).map(({ wave }) => wave)
  return [...new Set(emptied)]
    .toSorted((a, b) => a - b)
    .map((wave) => `Wave ${wave + 1} has no members: ${EMPTIED_BECAUSE}`)
}

/** Every wave has members when the campaign is created. */
export const EMPTIED_BECAUSE =
  'all of them share resources with clusters of later waves, so they change in those waves.'
