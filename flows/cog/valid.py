"""What is a cloud-optimised GeoTIFF already (OGC 21-026)."""

from rasterio.io import DatasetReader
from rio_cogeo.cogeo import cog_validate


def is_cog(source: DatasetReader) -> bool:
    """Whether a raster is a COG in one file.

    rio-cogeo takes any GeoTIFF below 512 pixels for one; here strips are never tiles.

    Args:
        source: The raster, opened by flows.raster.
    """
    if source.driver != "GTiff" or len(source.files) > 1:
        return False
    rows, columns = source.block_shapes[0]
    if columns == source.width and rows < min(source.height, columns):
        return False
    return bool(cog_validate(source.name, quiet=True)[0])
