/**
 * Building the page from the catalogue's words: text is always text, never markup,
 * and an address becomes a link only when it is http or https.
 */

/**
 * Create an element. Properties that the element knows are set, others become attributes;
 * `null`, `undefined` and `false` children are left out.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} [properties]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElement}
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

/**
 * The element of the static page that has this id.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/**
 * An absolute http(s) address, or null for every other scheme and for nonsense.
 *
 * @param {unknown} href
 * @returns {string | null}
 */
export function safeHref(href) {
  if (typeof href !== "string" || !URL.canParse(href, document.baseURI)) return null;
  const url = new URL(href, document.baseURI);
  return ["http:", "https:"].includes(url.protocol) ? url.href : null;
}

/**
 * A link, or plain text when the address is not one that a browser should follow.
 *
 * @param {unknown} href
 * @param {string} text
 * @param {Record<string, unknown>} [properties]
 * @returns {HTMLElement}
 */
export function link(href, text, properties = {}) {
  const safe = safeHref(href);
  return safe ? el("a", { href: safe, ...properties }, text) : el("span", {}, text);
}

/**
 * A button that puts a text on the clipboard and says so.
 *
 * @param {string} text what is copied
 * @param {string} label what the button says
 * @param {string} what what is copied, for a screen reader
 * @returns {HTMLElement}
 */
export function copyButton(text, label, what) {
  const button = el("button", { type: "button", className: "copy", title: text }, label);
  button.setAttribute("aria-label", `${label}: ${what}`);
  button.addEventListener("click", async () => {
    const copied = await copy(text);
    button.textContent = copied ? "Copied" : "Not copied";
    announce(copied ? `Copied: ${text}` : `The browser refused. The address is ${text}`);
    setTimeout(() => (button.textContent = label), 2000);
  });
  return button;
}

/**
 * Copy a text. Browsers offer the clipboard interface only on https and on this machine,
 * so plain http falls back to a selected text field.
 *
 * @param {string} text
 * @returns {Promise<boolean>}
 */
async function copy(text) {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(() => true, () => false);
  }
  const field = el("textarea", { value: text, readOnly: true, className: "visually-hidden" });
  document.body.append(field);
  /** @type {HTMLTextAreaElement} */ (field).select();
  const copied = document.execCommand("copy");
  field.remove();
  return copied;
}

/**
 * Tell a screen reader, and whoever looks at the foot of the window.
 *
 * @param {string} message
 */
export function announce(message) {
  byId("status").textContent = message;
  setTimeout(() => {
    if (byId("status").textContent === message) byId("status").textContent = "";
  }, 5000);
}
