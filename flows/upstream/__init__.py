"""What the sources have in common that make STAC Items of other kinds of JSON and of Atom."""
