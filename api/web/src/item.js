/** The card of one item: preview, when and what, downloads, and its documents. */

import { byId, copyButton, el, link, safeHref } from "./dom.js";
import { cloud, itemTime, media, size } from "./format.js";

/** @typedef {import("./api.js").Item} Item */

/**
 * The address of an item's preview: the asset in the role of a thumbnail, else an overview
 * that a browser can show.
 *
 * @param {Item} item
 * @returns {string | null}
 */
export function preview(item) {
  const assets = Object.values(item.assets ?? {});
  const shown = (asset) => !asset.type || /^image\/(png|jpeg|webp)/.test(asset.type);
  const inRole = (role) =>
    assets.find((asset) => asset.roles?.includes(role) && shown(asset) && safeHref(asset.href));
  return safeHref((inRole("thumbnail") ?? inRole("overview"))?.href);
}

/**
 * An item's preview; a picture that does not come leaves no hole.
 *
 * @param {Item} item
 * @param {string} alt
 * @returns {HTMLElement | null}
 */
export function previewImage(item, alt) {
  const src = preview(item);
  if (!src) return null;
  const image = el("img", { src, alt, loading: "lazy", decoding: "async" });
  image.addEventListener("error", () => image.remove());
  return image;
}

/**
 * Term and description for every entry that has a value.
 *
 * @param {Array<[string, string | Node | null | undefined]>} entries
 * @returns {HTMLElement}
 */
export function facts(entries) {
  const rows = entries.filter(([, value]) => value);
  return el("dl", {}, ...rows.flatMap(([term, value]) => [el("dt", {}, term), el("dd", {}, value)]));
}

/**
 * One asset: a link when a browser can follow it, else its address to copy (`s3://` and others).
 *
 * @param {string} key
 * @param {Record<string, any>} asset
 * @returns {HTMLElement}
 */
function download(key, asset) {
  const note = [media(asset.type), size(asset["file:size"])].filter(Boolean).join(", ");
  const name = asset.title ?? key;
  return el(
    "li",
    {},
    link(asset.href, name),
    note && el("span", { className: "note" }, note),
    !safeHref(asset.href) && copyButton(asset.href, "Copy address", name),
  );
}

/**
 * The item's documents: itself as STAC, and its other forms such as the ISO 19139 record.
 *
 * @param {Item} item
 * @returns {HTMLElement}
 */
function documents(item) {
  const self = item.links.find((each) => each.rel === "self");
  const others = item.links.filter((each) => each.rel === "alternate");
  const title = ({ title: own, type }) =>
    own ?? (/iso|gmd/i.test(type ?? "") ? "ISO 19139 record" : media(type) ?? "Other form");
  return el(
    "p",
    { className: "links" },
    self && link(self.href, "STAC item"),
    ...others.map((each) => link(each.href, title(each))),
  );
}

/**
 * Show an item's card beside its footprint, or hide the card.
 *
 * @param {Item | null} item
 * @param {{zoom: () => void, close: () => void}} actions
 */
export function showCard(item, actions) {
  const card = byId("card");
  card.hidden = !item;
  if (!item) return card.replaceChildren();
  const { properties } = item;
  const close = el("button", { type: "button", className: "close", onclick: actions.close }, "Close");
  const zoom = el("button", { type: "button", onclick: actions.zoom }, "Zoom to footprint");
  const assets = Object.entries(item.assets ?? {});
  card.replaceChildren(
    el("header", {}, el("h3", { id: "card-title", tabIndex: -1 }, item.id), close),
    previewImage(item, `Preview of ${item.id}`) ?? "",
    facts([
      ["Taken", itemTime(properties)],
      ["Platform", properties.platform],
      ["Cloud", cloud(properties)?.replace(" cloud", "")],
      ["Pixel", typeof properties.gsd === "number" ? `${properties.gsd} m` : null],
    ]),
    item.geometry ? zoom : el("p", { className: "note" }, "This item has no footprint."),
    el("h4", {}, "Files"),
    assets.length
      ? el("ul", { className: "files" }, ...assets.map(([key, asset]) => download(key, asset)))
      : el("p", { className: "note" }, "This item lists no files."),
    el("h4", {}, "Documents"),
    documents(item),
  );
}
