"""The write path: source -> harvest -> enrich -> register."""
