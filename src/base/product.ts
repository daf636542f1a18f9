// What the program calls itself.

/** The name and version of this program; a test holds the version against `package.json`. */
export const product = { name: 'Balcony', version: '0.1.0' } as const
