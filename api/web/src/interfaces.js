/** Every interface that the landing page names, with a word on what speaks it. */

import { byId, copyButton, el, link } from "./dom.js";

/** @typedef {import("./api.js").Link} Link */

/**
 * What is known of a link, by the last word of its relation or by its media type:
 * a name, and the tools that speak it. The first rule that fits counts.
 *
 * @type {Array<[(link: Link) => boolean, string, string]>}
 */
const KNOWN = [
  [({ href }) => /\/csw\b/.test(href), "CSW", "GeoNetwork, QGIS MetaSearch, OWSLib"],
  [({ href }) => /oaipmh|\/oai\b/.test(href), "OAI-PMH", "Library and repository harvesters"],
  [({ type }) => /opensearch/.test(type ?? ""), "OpenSearch", "EO gateways, Copernicus clients"],
  [({ href }) => /\/records?\b|ogcapi/.test(href), "OGC API Records", "pygeoapi, OWSLib, QGIS MetaSearch"],
  [({ rel }) => rel === "self", "STAC API", "pystac-client, QGIS, STAC Browser"],
  [({ rel }) => rel === "data", "Collections", "pystac-client, any OGC API Features client"],
  [({ rel }) => rel === "search", "Search", "pystac-client, odc-stac, stackstac, curl"],
  [({ rel }) => rel === "conformance", "Conformance", "Clients that ask what this server can do"],
  [({ rel }) => rel.endsWith("queryables"), "Queryables", "Clients that build CQL2 filters"],
  [({ rel }) => rel.endsWith("aggregate"), "Aggregation", "Dashboards, STAC clients"],
  [({ rel }) => rel.endsWith("aggregations"), "Aggregations", "Dashboards, STAC clients"],
  [({ rel }) => rel === "service-desc", "OpenAPI description", "Code generators, Postman, curl"],
  [({ rel }) => rel === "service-doc", "Documentation", "A browser: try every request"],
  [({ rel }) => rel === "tiles", "Map services", "WMS and WMTS clients: QGIS, OpenLayers, Leaflet"],
  [({ rel }) => rel === "monitor", "Monitor", "A browser: harvests as they run (Prefect)"],
];

/**
 * The links of a landing page that are interfaces: each address and method once; the
 * collections are left out, because they have their own section.
 *
 * @param {Link[]} links
 * @returns {Link[]}
 */
function interfaces(links) {
  const own = links.find(({ rel }) => rel === "self")?.href;
  const seen = new Map();
  for (const each of links) {
    const same = each.rel !== "self" && each.href === own;
    const again = same || ["root", "child", "parent"].includes(each.rel);
    const key = `${each.method ?? "GET"} ${each.href}`;
    if (!again && !seen.has(key)) seen.set(key, each);
  }
  return [...seen.values()];
}

/** @param {Link} each @returns {HTMLElement} one row of the table */
function row(each) {
  const known = KNOWN.find(([fits]) => fits(each));
  const title = known?.[1] ?? each.title ?? each.rel.split("/").pop();
  const method = each.method && each.method !== "GET" ? ` (${each.method})` : "";
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, title + method),
    el("td", { className: "tool" }, known?.[2] ?? each.title ?? "See the address"),
    el("td", { className: "address" }, method ? el("span", {}, each.href) : link(each.href, each.href)),
    el("td", {}, copyButton(each.href, "Copy", `address of ${title}`)),
  );
}

/**
 * Programs to paste, with this page's own address in them.
 *
 * @param {string} root
 * @param {string} collection an id to ask for
 * @returns {Array<[string, string]>} title and text
 */
function snippets(root, collection) {
  const python = [
    "from pystac_client import Client",
    "",
    `catalogue = Client.open(${JSON.stringify(root)})`,
    `search = catalogue.search(collections=[${JSON.stringify(collection)}], max_items=10)`,
    "for item in search.items():",
    "    print(item.id, item.datetime or item.properties['start_datetime'], list(item.assets))",
  ].join("\n");
  const query = new URLSearchParams({ collections: collection, limit: "10" });
  return [
    ["Python, with pystac-client", python],
    ["Command line", `curl '${root}search?${query}'`],
  ];
}

/**
 * Fill the section.
 *
 * @param {Link[]} links of the landing page
 * @param {string} collection an id for the examples
 */
export function showInterfaces(links, collection) {
  byId("interface-rows").replaceChildren(...interfaces(links).map(row));
  const root = new URL("./", document.baseURI).href;
  byId("snippets").replaceChildren(
    ...snippets(root, collection).map(([title, text]) =>
      el(
        "figure",
        { className: "snippet" },
        el("figcaption", {}, title, copyButton(text, "Copy", title)),
        el("pre", { tabIndex: 0 }, el("code", {}, text)),
      ),
    ),
  );
}
