"""Pictures of products: which bands are shown, how they are read, toned, coloured and written."""
