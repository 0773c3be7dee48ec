/** The page: ask the catalogue what it has, then fill the sections from top to bottom. */

import { ApiError, collections, landing } from "./api.js";
import { showCollections } from "./collections.js";
import { byId, el } from "./dom.js";
import { showInterfaces } from "./interfaces.js";
import { Viewer } from "./viewer.js";

/**
 * Put the server's own words into the header.
 *
 * @param {import("./api.js").Landing} page
 */
function showHeader(page) {
  if (page.description) byId("description").textContent = page.description;
  if (page.title && page.title !== "Swath") {
    byId("title").textContent = page.title;
    document.title = `${page.title} (Swath)`;
  }
}

/** @param {ApiError} error say it where the content would be, with a way to try again */
function showUnreachable(error) {
  const retry = el("button", { type: "button", onclick: () => location.reload() }, "Try again");
  byId("notice").replaceChildren(
    el("h2", {}, "The catalogue is not reachable"),
    el("p", {}, `Its API did not answer this page: ${error.message}.`),
    retry,
  );
  byId("notice").hidden = false;
  document.body.classList.add("unreachable");
}

/** Nothing is in the catalogue yet: say how something gets there. */
function showEmpty() {
  byId("notice").replaceChildren(
    el("h2", {}, "Nothing harvested yet"),
    el("p", {}, "The catalogue is running and has no collections. Fill it with:"),
    el("pre", {}, el("code", {}, "swath harvest run <collection>")),
  );
  byId("notice").hidden = false;
  document.body.classList.add("empty");
}

/** Fill the page. */
async function main() {
  const page = await landing();
  showHeader(page);
  const viewer = new Viewer(page.links.find(({ rel }) => rel === "tiles")?.href);
  const found = await collections();
  showInterfaces(page.links, found[0]?.id ?? "collection");
  showCollections(found, (collection) => {
    byId("map-section").scrollIntoView();
    void viewer.show(collection);
  });
  viewer.offer(found);
  if (!found.length) showEmpty();
}

main().catch((error) => {
  if (!(error instanceof ApiError)) throw error;
  showUnreachable(error);
});
