// XEP-0050: Ad-Hoc Commands, of the domain
import { integer } from '../../base/options.ts'
import type { Undo } from '../../base/scope.ts'
import { defineExtension } from '../../host/extension.ts'
import { disco } from '../disco/disco.ts'
import type { Command } from './command.ts'
import { commandsNamespace } from './command-elements.ts'
import { CommandRunner } from './command-runner.ts'

export type { Command, Completed, FormStage, Stage } from './command.ts'
export { commandsNamespace } from './command-elements.ts'
export { CommandRunner } from './command-runner.ts'

/** What other extensions get of this one. */
export interface CommandsApi {
  /**
   * Offers a command.
   * @throws Error if there is one of that node already
   */
  add(command: Command): Undo
}

/** Runs commands that other extensions offer, step by step. */
export const commands = defineExtension({
  name: 'commands',
  xep: { number: 50, version: '1.3.0' },
  needs: { disco },
  options: {
    maxSessions: integer(1000, 'commands that are being filled in at a time'),
    sessionMinutes: integer(30, 'minutes that filling in may take', { min: 1 }),
  },
  setup(host, { disco }, options): CommandsApi {
    const commandByNode = new Map<string, Command>()
    const runner = new CommandRunner(host, commandByNode, options)
    host.advertise(commandsNamespace)
    host.iq.set(commandsNamespace, 'command', (iq) => runner.run(iq))
    const find = (node: string) => commandByNode.get(node)
    host.keep(
      disco.addNodes({
        info(node, { from }) {
          if (node === commandsNamespace) return listInfo
          const command = find(node)
          return command?.isAllowed(from) ? infoOf(command) : undefined
        },
        items(node, { from }) {
          if (node !== commandsNamespace) return find(node)?.isAllowed(from) ? [] : undefined
          return [...commandByNode.values()]
            .filter((command) => command.isAllowed(from))
            .map((command) => ({ jid: host.domain, node: command.node, name: command.name }))
        },
      }),
    )
    return {
      add(command) {
        if (commandByNode.has(command.node)) throw new Error(`two commands with the node ${command.node}`)
        commandByNode.set(command.node, command)
        return () => commandByNode.delete(command.node)
      },
    }
  },
})

// §2.2, §2.3
const listInfo = {
  identities: [{ category: 'automation', type: 'command-list' }],
  features: [],
}

const infoOf = ({ name }: Command) => ({
  identities: [{ category: 'automation', type: 'command-node', name }],
  features: [commandsNamespace, 'jabber:x:data'],
})
