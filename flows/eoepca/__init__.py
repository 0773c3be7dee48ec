"""Configuration of EOEPCA's harvester and data access, as collection files."""
