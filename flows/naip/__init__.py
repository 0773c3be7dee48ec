"""What is known of NAIP: its metadata in three forms."""
