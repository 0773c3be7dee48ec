"""What is known of Landsat: its names, its bands, its metadata file."""
