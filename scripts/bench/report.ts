/** One figure of the bench: what was asked for, what was measured. */
export interface Figure {
  name: string
  value: number
  unit: string
  /** Least or most that the product promises; neither for a figure that is only shown. */
  atLeast?: number
  atMost?: number
  note?: string
}

/** Prints a figure with its promise; a promise that is not kept is said, never hidden. */
export function printFigure(figure: Figure): void {
  const bound =
    figure.atLeast !== undefined
      ? `at least ${figure.atLeast}`
      : figure.atMost !== undefined
        ? `at most ${figure.atMost}`
        : ''
  const verdict = bound === '' ? '' : isKept(figure) ? `(${bound}: kept)` : `(${bound}: MISSED)`
  const value = figure.value >= 100 ? Math.round(figure.value).toLocaleString('en') : figure.value.toFixed(2)
  console.log(
    `${figure.name.padEnd(70)} ${value.padStart(9)} ${figure.unit.padEnd(12)} ${verdict} ${figure.note ?? ''}`.trimEnd(),
  )
}

export function isKept(figure: Figure): boolean {
  return (
    figure.value >= (figure.atLeast ?? Number.NEGATIVE_INFINITY) &&
    figure.value <= (figure.atMost ?? Number.POSITIVE_INFINITY)
  )
}

/** The value that this share of the values, in per cent, does not exceed. */
export function percentile(values: number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? Number.NaN
}

/** The middle of the values; of an even number the lower of the two. */
export function median(values: number[]): number {
  return percentile(values, 50)
}
