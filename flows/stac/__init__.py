"""What the STAC sources and the STAC reader have in common."""
