/** The footprints of the items, drawn over the images; one of them may be selected. */

import Feature from "ol/Feature.js";
import GeoJSON from "ol/format/GeoJSON.js";
import { isEmpty } from "ol/extent.js";
import VectorLayer from "ol/layer/Vector.js";
import VectorSource from "ol/source/Vector.js";
import Fill from "ol/style/Fill.js";
import Stroke from "ol/style/Stroke.js";
import Style from "ol/style/Style.js";

import { colour, fitExtent, onScheme } from "./map.js";

/** @typedef {import("./api.js").Item} Item */

/**
 * Two strokes, a light casing under the line, so that it shows on any image.
 *
 * @returns {{plain: Style[], selected: Style[]}}
 */
function styles() {
  const line = (color, width, zIndex, fill) => [
    new Style({ stroke: new Stroke({ color: colour("casing"), width: width + 2 }), zIndex }),
    new Style({ stroke: new Stroke({ color, width }), fill: new Fill({ color: fill }), zIndex }),
  ];
  return {
    plain: line(colour("footprint"), 1.25, 1, "transparent"),
    selected: line(colour("mark"), 2.5, 2, colour("mark-fill")),
  };
}

/**
 * Draw footprints and let the reader pick one. Where several lie on each other, a further
 * click at the same place picks the next one below.
 *
 * @param {import("ol/Map.js").default} map
 * @param {(item: Item | null) => void} onPick
 */
export function createFootprints(map, onPick) {
  const source = new VectorSource();
  const layer = new VectorLayer({ source, zIndex: 10 });
  const format = new GeoJSON({ featureProjection: "EPSG:3857" });
  let look = styles();
  let selected = null;
  layer.setStyle((feature) => (feature.getId() === selected ? look.selected : look.plain));
  map.addLayer(layer);
  onScheme(() => {
    look = styles();
    layer.changed();
  });

  const at = (pixel) => {
    const found = map.getFeaturesAtPixel(pixel, { layerFilter: (l) => l === layer, hitTolerance: 3 });
    return [...new Set(found)];
  };
  map.on("click", ({ pixel }) => {
    const under = at(pixel);
    const here = under.findIndex((feature) => feature.getId() === selected);
    const next = under[(here + 1) % under.length];
    onPick(next ? next.get("item") : null);
  });
  map.on("pointermove", ({ pixel, dragging }) => {
    if (!dragging) map.getTargetElement().classList.toggle("over-footprint", at(pixel).length > 0);
  });

  return {
    layer,

    /** @param {Item[]} items items without a geometry are left to the list beside the map */
    add(items) {
      for (const item of items.filter((each) => each.geometry)) {
        const feature = new Feature(format.readGeometry(item.geometry));
        feature.setId(item.id);
        feature.set("item", item);
        if (!source.getFeatureById(item.id)) source.addFeature(feature);
      }
    },

    clear() {
      source.clear();
      selected = null;
    },

    /** @param {Item | null} item */
    select(item) {
      selected = item?.id ?? null;
      layer.changed();
    },

    /** Move the map to one item's footprint. @param {Item} item */
    zoomTo(item) {
      const geometry = source.getFeatureById(item.id)?.getGeometry();
      if (geometry) fitExtent(map, geometry.getExtent());
    },

    /** Move the map to all footprints. @returns {boolean} whether there are any */
    zoomToAll() {
      const extent = source.getExtent();
      if (isEmpty(extent)) return false;
      fitExtent(map, extent);
      return true;
    },
  };
}
