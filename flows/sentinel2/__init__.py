"""Sentinel-2: its bands, its metadata, its tiles (Sentinel-2 Products Specification, issue 15)."""
