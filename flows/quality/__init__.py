"""What a product's own quality band, or its visible bands, tell of clouds, shadow, snow, water."""
