/** Numbers, dates and places in words. Dates are UTC; boxes are west, south, east, north. */

/**
 * The calendar day of a timestamp, `2006-08-16`.
 *
 * @param {string | null | undefined} timestamp RFC 3339
 * @returns {string | null}
 */
export function day(timestamp) {
  return timestamp ? timestamp.slice(0, 10) : null;
}

/**
 * When an item was taken: its datetime to the minute, or the days of its interval.
 *
 * @param {Record<string, any>} properties
 * @returns {string}
 */
export function itemTime(properties) {
  if (properties.datetime) return `${properties.datetime.slice(0, 16).replace("T", " ")} UTC`;
  return interval([properties.start_datetime, properties.end_datetime]);
}

/**
 * An interval of days; either end may be open.
 *
 * @param {Array<string | null | undefined>} ends start and end, RFC 3339 or null
 * @returns {string}
 */
export function interval([start, end]) {
  const [first, last] = [day(start), day(end)];
  if (first && last) return first === last ? first : `${first} to ${last}`;
  if (first) return `since ${first}`;
  return last ? `until ${last}` : "not stated";
}

/**
 * A box in degrees with hemispheres. Six numbers are a box with heights, which are left out.
 *
 * @param {number[]} box
 * @returns {string}
 */
export function area(box) {
  const [west, south, east, north] = flat(box);
  if (east - west >= 360 && north - south >= 180) return "the whole Earth";
  return `${latitude(south)} to ${latitude(north)}, ${longitude(west)} to ${longitude(east)}`;
}

/**
 * A box without heights.
 *
 * @param {number[]} box four or six numbers, degrees
 * @returns {number[]} west, south, east, north
 */
export function flat(box) {
  return box.length === 6 ? [box[0], box[1], box[3], box[4]] : box;
}

/** @param {number} value degrees @param {number} [digits] @returns {string} */
export function latitude(value, digits = 1) {
  return `${Math.abs(value).toFixed(digits)}° ${value < 0 ? "S" : "N"}`;
}

/** @param {number} value degrees @param {number} [digits] @returns {string} */
export function longitude(value, digits = 1) {
  const wrapped = ((((value + 180) % 360) + 360) % 360) - 180;
  const shown = value === 180 ? 180 : wrapped;
  return `${Math.abs(shown).toFixed(digits)}° ${shown < 0 ? "W" : "E"}`;
}

/**
 * Cloud cover, or null when the item does not say.
 *
 * @param {Record<string, any>} properties
 * @returns {string | null}
 */
export function cloud(properties) {
  const percent = properties["eo:cloud_cover"];
  return typeof percent === "number" ? `${Math.round(percent)} % cloud` : null;
}

/**
 * A file size.
 *
 * @param {unknown} bytes
 * @returns {string | null}
 */
export function size(bytes) {
  if (typeof bytes !== "number") return null;
  const [unit, name] = bytes < 1e6 ? [1e3, "kB"] : bytes < 1e9 ? [1e6, "MB"] : [1e9, "GB"];
  return `${(bytes / unit).toFixed(bytes / unit < 10 ? 1 : 0)} ${name}`;
}

/**
 * A count with its noun, `1 item`, `1,204 items`.
 *
 * @param {number} number
 * @param {string} noun
 * @returns {string}
 */
export function count(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

/**
 * A media type in a word or two.
 *
 * @param {string | undefined} type
 * @returns {string | null}
 */
export function media(type) {
  if (!type) return null;
  if (type.includes("profile=cloud-optimized")) return "COG";
  const subtype = type.split(";")[0].split("/").pop() ?? type;
  const known = { tiff: "GeoTIFF", "geo+json": "GeoJSON", jp2: "JPEG 2000" };
  return known[subtype] ?? subtype.replace(/^(x-|vnd\.)/, "").toUpperCase();
}
