// Loaded before everything else: a wall clock that steps by an hour, forth or back, whenever somebody looks at it.
const HOUR_MS = 3_600_000
const real = Date.now

Date.now = () => real() + (Math.random() < 0.5 ? HOUR_MS : -HOUR_MS)
