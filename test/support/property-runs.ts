/**
 * How many random cases a property test tries: 200, or `PROPERTY_RUNS` (`npm run test:deep` sets 1,500). `weight`
 * scales it for properties that are much cheaper or dearer than the others.
 */
export function propertyRuns(weight = 1): number {
  return Math.max(1, Math.round(Number(process.env.PROPERTY_RUNS ?? 200) * weight))
}
