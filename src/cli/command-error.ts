// What stops a command, in one line and with the exit code that goes with it.

/** The command line or the configuration is wrong: nothing was done. */
export const badUsage = 2
/** Something failed. */
export const failed = 1

/** Ends a command. The message is for people: one line, what is wrong and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number

  constructor(message: string, { exitCode = failed, cause }: { exitCode?: number; cause?: unknown } = {}) {
    super(message, { cause })
    this.exitCode = exitCode
  }
}

/** A failure of the system (a file, a port) in words; `undefined` if it is none of those that people cause. */
export function explainSystemError(error: unknown): string | undefined {
  const { code, path, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number }
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} on ${address} is in use by another program (is Balcony running already?)`
    case 'EADDRNOTAVAIL':
      return `${address} is no address of this machine`
    case 'EACCES':
    case 'EPERM':
      return port === undefined
        ? `no permission for ${path}`
        : `no permission to listen on port ${port}; those below 1024 are for the administrator`
    case 'ENOENT':
      return path === undefined ? undefined : `there is no file ${path}`
    case 'ENOTDIR':
      return `${path} is not in a folder`
    case 'EISDIR':
      return `${path ?? 'the file'} is a folder`
    case 'ENOSPC':
      return 'the disk is full'
    default:
      return undefined
  }
}
