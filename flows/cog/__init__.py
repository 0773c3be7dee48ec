"""How rasters become cloud-optimised GeoTIFFs: what is one already, the profile, the collar."""
