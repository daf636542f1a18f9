// How much XML a script or a server may make the runner hold.
import { defaultLimits, type XmlLimits } from '../xml/limits.ts'

/** Wider than a server's: scripts may well test what is too much for one. */
export const readingLimits: XmlLimits = Object.freeze({
  ...defaultLimits,
  elementBytes: 16 * 1024 * 1024,
  valueLength: 4 * 1024 * 1024,
  elements: 100_000,
})
