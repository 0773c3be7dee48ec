/** The catalogue over HTTP: the STAC API that serves this page, addressed relative to it. */

/** The API did not answer, or answered with an error. The message is a sentence. */
export class ApiError extends Error {}

/**
 * @typedef {{rel: string, href: string, type?: string, title?: string, method?: string}} Link
 * @typedef {{title?: string, description?: string, links: Link[]}} Landing
 * @typedef {Record<string, any> & {id: string, links: Link[]}} Collection
 * @typedef {Record<string, any> & {id: string, links: Link[], assets: Record<string, any>}} Item
 * @typedef {{items: Item[], matched: number | null, next: string | null}} Page
 */

/**
 * Fetch JSON. The landing page and this page share one address, told apart by `Accept`,
 * so nothing is taken from the browser's cache unasked.
 *
 * @param {string} path relative to the page
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 * @throws {ApiError}
 */
async function getJson(path, signal) {
  const late = AbortSignal.timeout(30_000);
  const url = new URL(path, document.baseURI);
  try {
    const response = await fetch(url, {
      headers: { Accept: "application/json, application/geo+json" },
      cache: "no-cache",
      signal: signal ? AbortSignal.any([signal, late]) : late,
    });
    if (!response.ok) throw new ApiError(`status ${response.status} at ${url.pathname}`);
    return await response.json();
  } catch (error) {
    if (error instanceof ApiError || signal?.aborted) throw error;
    if (error instanceof SyntaxError) throw new ApiError(`no JSON at ${url.pathname}`);
    throw new ApiError(late.aborted ? "no answer within 30 seconds" : "no connection");
  }
}

/** @returns {Promise<Landing>} */
export const landing = () => getJson("./");

/**
 * Every collection, following the pages.
 *
 * @returns {Promise<Collection[]>}
 */
export async function collections() {
  const found = [];
  for (let path = "./collections"; path; ) {
    const page = await getJson(path);
    found.push(...page.collections);
    path = nextPath(path, page.links);
  }
  return found;
}

/**
 * The first page of a collection's items, newest first.
 *
 * @param {string} collection
 * @param {number} limit
 * @param {AbortSignal} [signal]
 * @returns {Promise<Page>}
 */
export function items(collection, limit, signal) {
  return itemsPage(`./collections/${encodeURIComponent(collection)}/items?limit=${limit}`, signal);
}

/**
 * One page of items, by the path that the page before it gave as `next`.
 *
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<Page>}
 */
export async function itemsPage(path, signal) {
  const page = await getJson(path, signal);
  return {
    items: page.features,
    matched: page.numberMatched ?? null,
    next: nextPath(path, page.links),
  };
}

/**
 * The path of the next page. Only its query is taken from the link, so that paging also works
 * where a proxy shows the API under another address than the one that it was told.
 *
 * @param {string} path
 * @param {Link[] | undefined} links
 * @returns {string | null}
 */
function nextPath(path, links) {
  const next = links?.find((link) => link.rel === "next" && (link.method ?? "GET") === "GET");
  return next ? path.split("?")[0] + new URL(next.href, document.baseURI).search : null;
}
