// ejabberd from the system's package, with its own database, stream management and archive on.
import {
  configureEjabberd,
  ejabberdCommand,
  ejabberdVersion,
  writeEjabberdAccounts,
} from '../../peers/ejabberd.ts'
import { InstalledServer } from './installed.ts'
import { resumeSeconds, type ServerParts, type TestedServer } from './server.ts'

const general = [
  'auth_password_format: plain',
  'shaper_rules: {endless: infinity}',
  'access_rules: {endless: {allow: all}}',
]
const modules = {
  mod_blocking: '{}',
  mod_carboncopy: '{}',
  mod_client_state: '{}',
  mod_disco: '{}',
  mod_mam: '{default: always, request_activates_archiving: false}',
  mod_offline: '{access_max_user_messages: endless}',
  mod_ping: '{}',
  mod_privacy: '{}',
  mod_roster: '{}',
  mod_stream_mgmt: `{resume_timeout: ${resumeSeconds}, max_resume_timeout: ${resumeSeconds}, max_ack_queue: infinity, resend_on_timeout: true}`,
}

/** ejabberd, in a folder. */
export function ejabberd({ folder, accounts }: ServerParts): TestedServer {
  const conditions = [
    `ejabberd ${ejabberdVersion()}: mod_stream_mgmt, mod_mam and mod_offline on; all in Mnesia, the default: it has no switch to be flushed to the disk with each write`,
    `sessions may be resumed for ${resumeSeconds} s; everything is archived; offline messages without limit; no rate limits, no TLS`,
  ]
  const prepare = async (port: number) => {
    await configureEjabberd(folder, { port, general, modules })
    await writeEjabberdAccounts(folder, accounts, '<<"secret">>')
    return ejabberdCommand(folder)
  }
  return new InstalledServer({ folder, conditions, prepare })
}
