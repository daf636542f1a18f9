// How the log-in looks: Converse.js leaves elements alone that are there before it. Its own would load pictures from elsewhere.

class Heading extends HTMLElement {
  connectedCallback() {
    const heading = document.createElement('h1')
    heading.textContent = document.title
    this.replaceChildren(heading)
  }
}

class Footer extends HTMLElement {
  connectedCallback() {
    const link = document.createElement('a')
    link.href = 'https://conversejs.org'
    link.rel = 'noopener'
    link.target = '_blank'
    link.textContent = 'Converse.js'
    this.replaceChildren('Web chat by ', link)
  }
}

customElements.define('converse-brand-logo', Heading)
customElements.define('converse-footer', Footer)
customElements.define('converse-controlbox-navbar', class extends HTMLElement {})
