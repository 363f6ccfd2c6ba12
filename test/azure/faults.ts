import { ArmFault } from '../../src/azure/arm-fault.ts'

/** The `ArmFault` that a promise rejects with; anything else is thrown on. */
export async function faultOf(promise: Promise<unknown>): Promise<ArmFault> {
  try {
    await promise
  } catch (error) {
    if (error instanceof ArmFault) return error
    throw error
  }
  throw new Error('it did not reject')
}
