// The usual list of extensions for a domain with accounts: the table of contents.
import type { Extension } from '../../host/extension.ts'
import { disco } from '../disco/disco.ts'
import { ping } from '../ping/ping.ts'
import { roster } from '../roster/roster.ts'

export const standard: readonly Extension[] = [disco, ping, roster]
