"""Sentinel-1: its manifest, its images (Sentinel-1 Product Specification, S1-RS-MDA-52-7441)."""
