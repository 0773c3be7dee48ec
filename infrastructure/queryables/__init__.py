"""What filters and sorts can ask for: its types, and the indexes that make it fast."""
