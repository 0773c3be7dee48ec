"""What a collection tells of its items: summaries, common assets and a render."""
