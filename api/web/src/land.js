/**
 * Natural Earth's land as map features. Its rings run on across 180° and round the South Pole,
 * as on a globe; a flat map needs each ring unrolled. Degrees in, EPSG:3857 metres out.
 */

import Feature from "ol/Feature.js";
import TopoJSON from "ol/format/TopoJSON.js";
import Polygon from "ol/geom/Polygon.js";

/** @typedef {number[][]} Ring longitude and latitude of each corner, degrees */

/**
 * Make the longitudes of a ring continuous, beyond ±180 where it crosses the antimeridian.
 * A ring round the pole is closed along it.
 *
 * @param {Ring} ring
 * @returns {Ring}
 */
function unroll(ring) {
  let turn = 0;
  const unrolled = ring.map(([lon, lat], index) => {
    const step = index ? lon - ring[index - 1][0] : 0;
    if (Math.abs(step) > 180) turn -= 360 * Math.sign(step);
    return [lon + turn, lat];
  });
  if (!turn) return unrolled;
  const [first, last] = [unrolled[0], unrolled[unrolled.length - 1]];
  return [...unrolled, [last[0], -90], [first[0], -90], first];
}

/**
 * The flat polygons of one polygon of the globe: itself, and where it leaves the world at one
 * side, its like at the other.
 *
 * @param {Ring[]} rings
 * @returns {Ring[][]}
 */
function flatten(rings) {
  const flat = rings.map(unroll);
  const longitudes = flat[0].map(([lon]) => lon);
  const shifts = [0];
  if (Math.max(...longitudes) > 180) shifts.push(-360);
  if (Math.min(...longitudes) < -180) shifts.push(360);
  return shifts.map((shift) => flat.map((ring) => ring.map(([lon, lat]) => [lon + shift, lat])));
}

/** The reader of Natural Earth's TopoJSON for a vector source. */
export class LandFormat extends TopoJSON {
  /**
   * @param {object | string} source
   * @returns {Feature<Polygon>[]} in EPSG:3857
   */
  readFeatures(source) {
    const land = super.readFeatures(source, {
      dataProjection: "EPSG:4326",
      featureProjection: "EPSG:4326",
    });
    return land
      .flatMap((feature) => feature.getGeometry().getCoordinates())
      .flatMap(flatten)
      .map((rings) => new Feature(new Polygon(rings).transform("EPSG:4326", "EPSG:3857")));
  }
}
