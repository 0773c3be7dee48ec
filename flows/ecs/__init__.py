"""Granules of NASA's EOSDIS Core System: their names and their metadata files."""
