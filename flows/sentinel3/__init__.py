"""Sentinel-3 packages, by their manifest (xfdumanifest.xml)."""
