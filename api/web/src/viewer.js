/** The map section: one collection at a time, its layers, its footprints and its items. */

import { items, itemsPage } from "./api.js";
import { name } from "./collections.js";
import { byId, el } from "./dom.js";
import { cloud, count, itemTime } from "./format.js";
import { createFootprints } from "./footprints.js";
import { showCard } from "./item.js";
import { createImages, createMap, fitBox } from "./map.js";

/** @typedef {import("./api.js").Collection} Collection */
/** @typedef {import("./api.js").Item} Item */

const PAGE = 100;

/**
 * The layers of a collection: the tile service calls the default render by the collection's
 * id, and every other one by `<collection>__<render>`.
 *
 * @param {Collection} collection
 * @returns {Array<{layer: string, title: string}>}
 */
function layersOf(collection) {
  const renders = collection.renders ?? {};
  const keys = Object.keys(renders);
  const first = keys.includes("default") ? "default" : keys[0];
  keys.sort((a, b) => Number(b === first) - Number(a === first));
  return keys.map((key) => ({
    layer: key === first ? collection.id : `${collection.id}__${key}`,
    title: renders[key].title ?? key,
  }));
}

/** The map section and what it shows just now. */
export class Viewer {
  /**
   * @param {string | undefined} tiles address of the tile service
   */
  constructor(tiles) {
    this.tiles = tiles?.replace(/\/$/, "");
    this.map = createMap(byId("map"));
    this.images = createImages(this.map, (loaded, failed) => this.reportTiles(loaded, failed));
    this.footprints = createFootprints(this.map, (item) => this.pick(item));
    this.asking = new AbortController();
    this.next = null;
    const toggle = /** @type {HTMLInputElement} */ (byId("show-footprints"));
    toggle.addEventListener("change", () => this.footprints.layer.setVisible(toggle.checked));
    byId("more").addEventListener("click", () => this.more());
    addEventListener("keydown", ({ key }) => key === "Escape" && this.pick(null));
  }

  /**
   * Offer the collections, and show the one that the address names (`#id`), else the first that
   * has a map.
   *
   * @param {Collection[]} collections
   */
  offer(collections) {
    const chooser = /** @type {HTMLSelectElement} */ (byId("chooser"));
    chooser.replaceChildren(...collections.map((each) => el("option", { value: each.id }, name(each))));
    chooser.disabled = collections.length === 0;
    chooser.onchange = () => this.show(collections[chooser.selectedIndex]);
    const named = collections.find((each) => `#${each.id}` === decodeURIComponent(location.hash));
    const start = named ?? collections.find((each) => each.renders) ?? collections[0];
    if (start) void this.show(start);
  }

  /**
   * Show a collection: its area, its default layer, its newest items.
   *
   * @param {Collection} collection
   */
  async show(collection) {
    this.asking.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    /** @type {HTMLSelectElement} */ (byId("chooser")).value = collection.id;
    this.pick(null);
    this.footprints.clear();
    byId("items").replaceChildren();
    this.showLayers(collection);
    fitBox(this.map, collection.extent.spatial.bbox[0]);
    await this.take(() => items(collection.id, PAGE, signal), signal);
    if (!signal.aborted) this.footprints.zoomToAll();
  }

  /** Ask for the next page of items. */
  async more() {
    const { signal } = this.asking;
    await this.take(() => itemsPage(this.next, signal), signal);
  }

  /**
   * Add a page of items to the list and to the map.
   *
   * @param {() => Promise<import("./api.js").Page>} ask
   * @param {AbortSignal} signal
   */
  async take(ask, signal) {
    byId("item-note").textContent = "Asking for the items…";
    byId("more").hidden = true;
    try {
      const page = await ask();
      if (signal.aborted) return;
      this.next = page.next;
      this.footprints.add(page.items);
      byId("items").append(...page.items.map((item) => this.row(item)));
      const shown = byId("items").childElementCount;
      const all = page.matched != null && page.matched > shown ? ` of ${count(page.matched, "item")}` : "";
      byId("item-note").textContent = all
        ? `${shown}${all}, newest first`
        : shown ? `${count(shown, "item")}, newest first` : "This collection has no items yet.";
      byId("more").hidden = !page.next;
    } catch (error) {
      if (signal.aborted) return;
      byId("item-note").textContent = `The items did not come: ${error.message}.`;
    }
  }

  /** @param {Item} item @returns {HTMLElement} the item's line in the list */
  row(item) {
    const button = el(
      "button",
      { type: "button", onclick: () => this.pick(item, true) },
      el("span", { className: "when" }, itemTime(item.properties)),
      el("span", { className: "cloud" }, cloud(item.properties) ?? ""),
      el("span", { className: "id" }, item.id),
    );
    button.dataset.item = item.id;
    return el("li", {}, button);
  }

  /**
   * Select an item, or none.
   *
   * @param {Item | null} item
   * @param {boolean} [zoom] also move the map to it
   */
  pick(item, zoom = false) {
    this.footprints.select(item);
    for (const button of byId("items").querySelectorAll("button")) {
      const current = button.dataset.item === item?.id;
      button.setAttribute("aria-pressed", String(current));
      if (current) button.scrollIntoView({ block: "nearest" });
    }
    const from = document.activeElement;
    showCard(item, {
      zoom: () => item && this.footprints.zoomTo(item),
      close: () => {
        this.pick(null);
        /** @type {HTMLElement | null} */ (from)?.focus();
      },
    });
    if (item) byId("card-title").focus({ preventScroll: true });
    if (item && zoom) this.footprints.zoomTo(item);
  }

  /**
   * List the layers and show the first.
   *
   * @param {Collection} collection
   */
  showLayers(collection) {
    const layers = layersOf(collection);
    const choices = layers.map(({ layer, title }, index) => {
      const radio = el("input", { type: "radio", name: "layer", checked: index === 0 });
      radio.addEventListener("change", () => this.showLayer(collection, layer));
      return el("label", {}, radio, title);
    });
    byId("layers").replaceChildren(...choices);
    byId("layer-choice").hidden = layers.length < 2;
    if (layers.length && this.tiles) return this.showLayer(collection, layers[0].layer);
    this.images.show(null);
    this.say(layers.length ? "This server names no tile service, so only footprints are shown."
      : "This collection has no map layer, so only footprints are shown.");
  }

  /** @param {Collection} collection @param {string} layer */
  showLayer(collection, layer) {
    this.say("");
    const [folder, file] = [collection.id, layer].map(encodeURIComponent);
    this.images.show(`${this.tiles}/${folder}/wmts/${file}/webmercator/{z}/{x}/{y}.png`);
  }

  /** @param {number} loaded @param {number} failed */
  reportTiles(loaded, failed) {
    if (!failed) return;
    this.say(loaded
      ? `${count(failed, "tile")} of this layer could not be drawn.`
      : `No image came from the tile service at ${this.tiles}. The footprints are still shown.`);
  }

  /** @param {string} message shown over the map; empty hides it */
  say(message) {
    byId("map-message").textContent = message;
    byId("map-message").hidden = !message;
  }
}
