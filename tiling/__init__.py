"""The view: MapProxy over the catalogue."""
