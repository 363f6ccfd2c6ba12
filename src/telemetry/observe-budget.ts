import type { BudgetObserver } from '../azure/client/arm-observer.ts'
import type { Metrics } from './metrics.ts'

/** Counts calls to Azure that wait for the budget that all processes share. */
export function observeBudget({ budgetWaits, budgetUnanswered }: Metrics): BudgetObserver {
  return {
    waits: (purpose, waitMs) => budgetWaits.observe({ purpose }, waitMs / 1_000),
    unanswered: () => budgetUnanswered.inc(),
  }
}
