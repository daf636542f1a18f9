// Who says whether a password is right, where that is not known here.

/** A log-in with a password, as it is put to somebody outside who knows whether it is right. */
export interface AuthRequest {
  readonly mechanism: 'PLAIN'
  /** Prepared, without the domain. */
  readonly username: string
  readonly password: string
  /** The domain that is logged in to. */
  readonly host: string
  /** The client's address, without port. */
  readonly address: string
}

/**
 * Says whether a password is right; the account is made if it is, and there is none. What it throws is logged, and the
 * client told to try again later.
 */
export type AuthFunction = (request: AuthRequest) => boolean | Promise<boolean>
