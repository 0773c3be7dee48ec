"""Landsat's quality bands: QA_PIXEL of Collection 2 and BQA of Collection 1.

The bits are those of USGS LSDS-1328, LSDS-1618 and LSDS-1619 (QA_PIXEL), LSDS-1834 (BQA). A value
of 0 stands for nothing there: it is what a collar has when a band was moved to another grid.
"""

import numpy as np
from numpy.typing import NDArray

from flows.quality.kinds import Kinds, certain, flag

FILL = 0


def qa_pixel(values: NDArray[np.integer]) -> Kinds:
    """Collection 2. `CLOUD_COVER` of the metadata counts the cloud bit, without dilated cloud."""
    dilated, cirrus, cloud, shadow = (flag(values, bit) for bit in (1, 2, 3, 4))
    return Kinds(
        valid=~flag(values, FILL) & (values != 0),
        cloud=cloud,
        obscured=cloud | dilated | cirrus | shadow,
        shadow=shadow,
        snow=flag(values, 5),
        water=flag(values, 7),
    )


def bqa(values: NDArray[np.integer]) -> Kinds:
    """Collection 1: shadow, snow and cirrus are told by how sure they are. It knows no water."""
    cloud = flag(values, 4)
    shadow, snow, cirrus = (certain(values, bit) for bit in (7, 9, 11))
    return Kinds(
        valid=~flag(values, FILL) & (values != 0),
        cloud=cloud,
        obscured=cloud | cirrus | shadow,
        shadow=shadow,
        snow=snow,
    )
