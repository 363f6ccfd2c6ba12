import { ArmFault } from './arm-fault.ts'

/**
 * Refuses names that would change the path they are put into: the SDK encodes slashes, but `..` goes
 * through and would be resolved away, and a request for one resource would reach another.
 */
export function checkSegments(...segments: string[]): void {
  const wrong = segments.find((segment) => /^\.*$/.test(segment) || /[/\\?#%\p{Cc}]/u.test(segment))
  if (wrong === undefined) return
  throw new ArmFault({
    kind: 'refused',
    code: 'InvalidResourceId',
    message: `This cannot be a part of a resource's id: ${JSON.stringify(wrong.slice(0, 100))}`,
  })
}
