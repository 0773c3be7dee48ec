"""The Catalogue Service for the Web as a client sees it: OGC 07-006r1 (2.0.2), 12-176r7 (3.0)."""
