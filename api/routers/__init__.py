"""Output protocols beside the STAC API, one each."""
