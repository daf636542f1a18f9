// Starts Converse.js on this page. In the address: `#lobby` leads straight into the room lobby, `?guest` comes in without an account,
// `?bosh` uses BOSH instead of WebSocket.
import './brand.js'
import converse from '../converse/converse.min.js'

const { domain, rooms, guests } = document.body.dataset
const query = new URLSearchParams(location.search)
const asGuest = guests === 'yes' && (query.has('guest') || roomOf(location.hash) !== undefined)

/** The address of the room that a fragment such as `#lobby` names; undefined if it names none. */
function roomOf(hash) {
  // Converse has fragments of its own.
  if (!rooms || hash.length < 2 || hash.startsWith('#converse')) return undefined
  const name = textOf(hash.slice(1)).trim().toLowerCase()
  if (name.endsWith(`@${rooms}`)) return name
  return name === '' || /[\s"&'/:<>@]/.test(name) ? undefined : `${name}@${rooms}`
}

function textOf(encoded) {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return ''
  }
}

function beside(path) {
  return new URL(path, `${location.origin}/`).href
}

converse.plugins.add('balcony-room-links', {
  initialize() {
    const { api } = this._converse
    const enter = () => {
      const room = roomOf(location.hash)
      if (room) api.rooms.open(room, { bring_to_foreground: true }, true)
    }
    api.listen.on('connected', () => {
      document.querySelector('#as-guest').hidden = true
      enter()
    })
    addEventListener('hashchange', enter)
  },
})

converse.initialize({
  view_mode: 'fullscreen',
  theme: 'classic',
  dark_theme: 'dracula',
  assets_path: new URL('converse/', document.baseURI).pathname,
  sounds_path: new URL('converse/sounds/', document.baseURI).pathname,
  notification_icon: new URL('converse/images/favicon.ico', document.baseURI).pathname,
  whitelisted_plugins: ['balcony-room-links'],
  websocket_url: query.has('bosh') ? undefined : beside('xmpp-websocket').replace(/^http/, 'ws'),
  bosh_service_url: query.has('bosh') ? beside('http-bind') : undefined,
  discover_connection_methods: false,
  // Nothing is asked of anybody else.
  xmpp_providers_url: '',
  render_media: [...new Set([location.hostname, domain])],
  use_system_emojis: true,
  show_background: false,
  authentication: asGuest ? 'anonymous' : 'login',
  ...(asGuest ? { jid: domain, auto_login: true, nickname: guestName() } : { locked_domain: domain }),
  allow_registration: false,
  allow_non_roster_messaging: true,
  muc_domain: rooms || undefined,
  muc_nickname_from_jid: true,
  enable_smacks: true,
  message_archiving: 'always',
  play_sounds: false,
  loglevel: 'warn',
})

document.querySelector('#as-guest').hidden = guests !== 'yes' || asGuest

function guestName() {
  return `guest-${crypto.getRandomValues(new Uint16Array(1))[0].toString(36)}`
}
