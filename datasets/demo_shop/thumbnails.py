"""One small picture per item: the colour tells the category, the stripes tell the brand."""

from __future__ import annotations

import colorsys
import io

import numpy as np
from PIL import Image

from datasets.demo_shop.assortment import Assortment
from datasets.demo_shop.words import CATEGORIES

SIDE = 16


def draw_thumbnails(assortment: Assortment, seed: int) -> list[bytes]:
    """[items] PNG files of SIDE × SIDE pixels, RGB."""
    random = np.random.default_rng([seed, 7])
    rows, columns = np.mgrid[:SIDE, :SIDE]
    pictures = []
    for category, brand in zip(assortment.category, assortment.brand, strict=True):
        colour = np.array(colorsys.hsv_to_rgb(category / len(CATEGORIES), 0.75, 0.85))
        stripes = (rows * (brand % 3) + columns * (brand // 3 % 4 + 1)) % (4 + brand % 5) < 2
        shade = np.where(stripes, 0.55, 1.0)[:, :, None] + random.normal(0, 0.04, (SIDE, SIDE, 1))
        pixels = np.clip(colour * shade * 255, 0, 255).astype(np.uint8)
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, format="PNG")
        pictures.append(file.getvalue())
    return pictures
