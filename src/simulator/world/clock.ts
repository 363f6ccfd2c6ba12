export type ClockMode = 'auto' | 'manual'

/** The state of the clock that a restart needs: a simulated time and the real time that corresponds to it. */
export interface ClockAnchor {
  mode: ClockMode
  scale: number
  simulatedMs: number
  realMs: number
}

/**
 * Simulated time. In `auto` mode it runs `scale` times as fast as the wall clock (1 = the recorded durations). In
 * `manual` mode it moves only by `advance`. It uses no timer: the time is computed when it is read.
 */
export class Clock {
  private anchor: ClockAnchor
  private readonly realNow: () => number

  constructor(anchor: Partial<ClockAnchor> = {}, realNow: () => number = Date.now) {
    this.realNow = realNow
    const realMs = anchor.realMs ?? realNow()
    this.anchor = {
      mode: anchor.mode ?? 'auto',
      scale: anchor.scale ?? 1,
      simulatedMs: anchor.simulatedMs ?? realMs,
      realMs,
    }
  }

  /** The simulated moment, in milliseconds since 1970. */
  now(): number {
    const { mode, scale, simulatedMs, realMs } = this.anchor
    return mode === 'manual' ? simulatedMs : simulatedMs + Math.max(0, this.realNow() - realMs) * scale
  }

  /** Changes mode or scale from now on, without a jump of the time. */
  set(change: { mode?: ClockMode | undefined; scale?: number | undefined }): void {
    this.anchor = {
      mode: change.mode ?? this.anchor.mode,
      scale: change.scale ?? this.anchor.scale,
      simulatedMs: this.now(),
      realMs: this.realNow(),
    }
  }

  /** Moves the simulated time forward, in both modes. */
  advance(seconds: number): void {
    this.anchor = { ...this.anchor, simulatedMs: this.now() + seconds * 1000, realMs: this.realNow() }
  }

  /** The real seconds of a simulated wait; 0 in `manual` mode. */
  realSeconds(simulated: number): number {
    return this.anchor.mode === 'manual' ? 0 : simulated / this.anchor.scale
  }

  /** The current anchor, for the state file and for GET /simulator/state. */
  describe(): ClockAnchor {
    return this.anchor
  }
}
