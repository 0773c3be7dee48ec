/** The map sheet: land, image layer, graticule and scale. Web Mercator (EPSG:3857), metres. */

import OlMap from "ol/Map.js";
import View from "ol/View.js";
import ScaleLine from "ol/control/ScaleLine.js";
import { defaults as defaultControls } from "ol/control/defaults.js";
import { defaults as defaultInteractions } from "ol/interaction/defaults.js";
import Graticule from "ol/layer/Graticule.js";
import TileLayer from "ol/layer/Tile.js";
import VectorLayer from "ol/layer/Vector.js";
import { toLonLat, transformExtent } from "ol/proj.js";
import VectorSource from "ol/source/Vector.js";
import XYZ from "ol/source/XYZ.js";
import Fill from "ol/style/Fill.js";
import Stroke from "ol/style/Stroke.js";
import Style from "ol/style/Style.js";
import Text from "ol/style/Text.js";

import { byId } from "./dom.js";
import { flat, latitude, longitude } from "./format.js";
import { LandFormat } from "./land.js";

/**
 * A colour of the stylesheet, so that the map follows the scheme of the page.
 *
 * @param {string} name custom property without dashes
 * @returns {string}
 */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/**
 * Call back when the reader changes between the light and the dark scheme.
 *
 * @param {() => void} callback
 */
export function onScheme(callback) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", callback);
}

/**
 * Natural Earth's land, coarse for the world and finer nearer by. It tells land from sea and
 * where on Earth one is; at the scale of a city its coast is kilometres off.
 *
 * @returns {VectorLayer<any>[]}
 */
function landLayers() {
  const range = { "land-110m.json": [0, 4], "land-50m.json": [4, 24] };
  return Object.entries(range).map(([file, [minZoom, maxZoom]]) => {
    const url = new URL(file, import.meta.url).href;
    const source = new VectorSource({ url, format: new LandFormat() });
    const layer = new VectorLayer({ source, minZoom, maxZoom });
    const restyle = () =>
      layer.setStyle(
        new Style({
          fill: new Fill({ color: colour("land") }),
          stroke: new Stroke({ color: colour("coast"), width: 0.75 }),
        }),
      );
    restyle();
    onScheme(restyle);
    return layer;
  });
}

/** @returns {Graticule} the net of meridians and parallels, labelled at two edges */
function graticule() {
  const label = (align, baseline) =>
    new Text({
      font: "11px ui-monospace, 'DejaVu Sans Mono', monospace",
      textAlign: align,
      textBaseline: baseline,
      fill: new Fill({ color: colour("ink") }),
      stroke: new Stroke({ color: colour("sea"), width: 3 }),
      offsetX: align === "left" ? 6 : 0,
      offsetY: baseline === "top" ? 6 : 0,
    });
  return new Graticule({
    strokeStyle: new Stroke({ color: colour("graticule"), width: 0.75 }),
    showLabels: true,
    wrapX: true,
    targetSize: 140,
    lonLabelPosition: 1,
    latLabelPosition: 0,
    lonLabelStyle: label("center", "top"),
    latLabelStyle: label("left", "middle"),
    zIndex: 5,
  });
}

/** @param {OlMap} map write the pointer's place, degrees, into the margin of the sheet */
function showPointer(map) {
  map.on("pointermove", (event) => {
    const [lon, lat] = toLonLat(event.coordinate);
    byId("pointer").textContent = `${latitude(lat, 3)}  ${longitude(lon, 3)}`;
  });
  map.getViewport().addEventListener("pointerleave", () => (byId("pointer").textContent = ""));
}

/**
 * Draw the map. The wheel zooms and a finger pans only while the map has the focus, so that
 * the page can be scrolled past it.
 *
 * @param {HTMLElement} target
 * @returns {OlMap}
 */
export function createMap(target) {
  const map = new OlMap({
    target,
    layers: landLayers(),
    view: new View({ center: [0, 2_000_000], zoom: 1.6, minZoom: 1, maxZoom: 19 }),
    interactions: defaultInteractions({
      onFocusOnly: true,
      pinchRotate: false,
      altShiftDragRotate: false,
    }),
    controls: defaultControls({ attribution: false, rotate: false }).extend([
      new ScaleLine({ target: byId("scale") }),
    ]),
  });
  let net = graticule();
  map.addLayer(net);
  onScheme(() => {
    map.removeLayer(net);
    net = graticule();
    map.addLayer(net);
  });
  showPointer(map);
  return map;
}

/**
 * The layer of images, empty until `show` is called.
 *
 * @param {OlMap} map
 * @param {(loaded: number, failed: number) => void} report called when a tile came or failed
 * @returns {{show: (template: string | null) => void}} the address template of EPSG:3857 tiles,
 *   256 pixels wide, rows counted from the north-west; null for none
 */
export function createImages(map, report) {
  const layer = new TileLayer({ zIndex: 2 });
  map.addLayer(layer);
  return {
    show(template) {
      const source = template ? new XYZ({ url: template, maxZoom: 18 }) : null;
      let [loaded, failed] = [0, 0];
      source?.on("tileloadend", () => source === layer.getSource() && report(++loaded, failed));
      source?.on("tileloaderror", () => source === layer.getSource() && report(loaded, ++failed));
      layer.setSource(source);
    },
  };
}

/**
 * Move the map to a box.
 *
 * @param {OlMap} map
 * @param {number[]} box west, south, east, north in degrees; east < west crosses 180°
 */
export function fitBox(map, box) {
  const [west, south, east, north] = flat(box);
  const degrees = [west, Math.max(south, -85), east < west ? east + 360 : east, Math.min(north, 85)];
  fitExtent(map, transformExtent(degrees, "EPSG:4326", "EPSG:3857"));
}

/**
 * Move the map to an extent, clear of the card of an item where that lies over the map.
 *
 * @param {OlMap} map
 * @param {number[]} extent metres, EPSG:3857
 */
export function fitExtent(map, extent) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const beside = innerWidth > 760 ? byId("card").offsetWidth : 0;
  const padding = [40, 40 + beside, 40, 64];
  map.getView().fit(extent, { padding, maxZoom: 13, duration: still ? 0 : 400 });
}
