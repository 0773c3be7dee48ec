/** The cards of the collections. */

import { items } from "./api.js";
import { byId, copyButton, el, link, safeHref } from "./dom.js";
import { area, count, interval } from "./format.js";
import { facts, previewImage } from "./item.js";

/** @typedef {import("./api.js").Collection} Collection */

/** @param {Collection} collection @returns {string} */
export const name = (collection) => collection.title ?? collection.id;

/**
 * The first paragraph of a description, and the rest behind a control.
 *
 * @param {string} text
 * @returns {HTMLElement[]}
 */
function description(text) {
  const [first, ...rest] = text.trim().split(/\n\s*\n/);
  const more = el("details", {}, el("summary", {}, "More"), ...rest.map((part) => el("p", {}, part)));
  return rest.length ? [el("p", {}, first), more] : [el("p", {}, first)];
}

/**
 * The licence, linked where the collection says where to read it.
 *
 * @param {Collection} collection
 * @returns {HTMLElement | null}
 */
function licence(collection) {
  const terms = collection.links.find((each) => each.rel === "license");
  const known = collection.license && !["other", "various", "proprietary"].includes(collection.license);
  const text = known ? collection.license : terms ? terms.title ?? "see the terms" : collection.license;
  return text ? link(terms?.href, text) : null;
}

/**
 * One map service: its name, its address as a link, and the button that copies it.
 *
 * @param {Collection} collection
 * @param {string} rel
 * @returns {HTMLElement | null}
 */
function service(collection, rel) {
  const href = safeHref(collection.links.find((each) => each.rel === rel)?.href);
  if (!href) return null;
  const label = rel.toUpperCase();
  return el(
    "li",
    {},
    el("a", { href }, label),
    copyButton(href, "Copy for QGIS", `${label} address of ${name(collection)}`),
  );
}

/**
 * The collection as documents and as services.
 *
 * @param {Collection} collection
 * @returns {HTMLElement}
 */
function doors(collection) {
  const to = (rel) => collection.links.find((each) => each.rel === rel)?.href;
  const own = to("self") ?? `./collections/${encodeURIComponent(collection.id)}`;
  return el(
    "ul",
    { className: "doors" },
    el("li", {}, link(own, "STAC collection")),
    el("li", {}, link(to("items") ?? `${own}/items`, "Items")),
    service(collection, "wmts"),
    service(collection, "wms"),
  );
}

/**
 * Ask for the newest item when the card comes into sight: its preview is the card's picture,
 * and the answer may say how many items there are.
 *
 * @param {Collection} collection
 * @param {HTMLElement} figure
 * @param {HTMLElement} number
 */
function complete(collection, figure, number) {
  const fill = async () => {
    const page = await items(collection.id, 1).catch(() => null);
    const [newest] = page?.items ?? [];
    const image = newest && previewImage(newest, "");
    if (image) figure.replaceChildren(image);
    else figure.textContent = page ? (newest ? "No preview" : "No items yet") : "Not reachable";
    if (page?.matched != null) number.textContent = count(page.matched, "item");
    else number.textContent = newest ? "not counted" : "none";
  };
  const sight = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      sight.disconnect();
      void fill();
    },
    { rootMargin: "200px" },
  );
  sight.observe(figure);
}

/**
 * One collection's card.
 *
 * @param {Collection} collection
 * @param {(collection: Collection) => void} onShow
 * @returns {HTMLElement}
 */
function card(collection, onShow) {
  const figure = el("div", { className: "picture" });
  const number = el("span", {}, "…");
  const show = el("button", { type: "button", onclick: () => onShow(collection) }, "Show on map");
  show.setAttribute("aria-label", `Show ${name(collection)} on the map`);
  complete(collection, figure, number);
  const { spatial, temporal } = collection.extent;
  return el(
    "li",
    { className: "collection" },
    figure,
    el(
      "div",
      { className: "words" },
      el("h3", {}, name(collection)),
      ...description(collection.description ?? ""),
      facts([
        ["Time", interval(temporal.interval[0])],
        ["Area", area(spatial.bbox[0])],
        ["Items", number],
        ["Licence", licence(collection)],
        ["Keywords", collection.keywords?.join(", ")],
      ]),
    ),
    el("div", { className: "actions" }, show, doors(collection)),
  );
}

/**
 * Fill the section.
 *
 * @param {Collection[]} collections
 * @param {(collection: Collection) => void} onShow
 */
export function showCollections(collections, onShow) {
  byId("cards").replaceChildren(...collections.map((each) => card(each, onShow)));
  byId("collection-count").textContent = String(collections.length);
}
