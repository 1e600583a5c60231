"""The words of the demo shop: departments, brands, and what their items are called and said to be."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Category:
    """A shelf of the shop.

    Attributes:
        department: the wider category.
        name: its own name.
        price: a middling price.
        nouns: what its items are called.
        words: what descriptions say of them.
    """

    department: str
    name: str
    price: float
    nouns: tuple[str, ...]
    words: tuple[str, ...]


def _category(department: str, name: str, price: float, nouns: str, words: str) -> Category:
    return Category(department, name, price, tuple(nouns.split()), tuple(words.split()))


CATEGORIES = (
    _category("Kitchen", "Coffee", 60, "grinder brewer kettle dripper", "espresso roast crema barista filter aroma"),
    _category("Kitchen", "Baking", 25, "tin whisk scale mixer", "dough oven flour sourdough crust cake"),
    _category("Kitchen", "Cookware", 70, "pan pot wok casserole", "simmer sear induction iron stew lid"),
    _category("Kitchen", "Tableware", 30, "bowl plate mug carafe", "glaze porcelain table breakfast stoneware set"),
    _category("Outdoor", "Camping", 120, "tent stove hammock lantern", "campfire canvas night forest shelter pegs"),
    _category("Outdoor", "Hiking", 90, "boots rucksack poles jacket", "trail summit waterproof ridge blister mile"),
    _category("Outdoor", "Cycling", 80, "helmet pannier pump jersey", "ride saddle road gravel chain commute"),
    _category("Outdoor", "Climbing", 75, "harness rope chalkbag shoes", "wall grip boulder carabiner crag belay"),
    _category("Home", "Lighting", 55, "lamp pendant lightstrip sconce", "glow dimmer evening bulb warm shade"),
    _category("Home", "Textiles", 35, "blanket cushion curtain rug", "wool linen cosy woven soft cotton"),
    _category("Home", "Plants", 20, "planter fern cactus terrarium", "leaf soil water sunlight root green"),
    _category("Home", "Storage", 40, "shelf basket cabinet box", "tidy drawer hallway stack oak order"),
    _category(
        "Audio", "Headphones", 110, "headphones earbuds headset monitors", "noise bass cancelling ear wireless mix"
    ),
    _category("Audio", "Speakers", 140, "speaker soundbar subwoofer radio", "stereo room loud bluetooth treble party"),
    _category("Audio", "Vinyl", 30, "turntable stylus record sleeve", "groove analogue spin needle crackle album"),
    _category("Audio", "Instruments", 180, "guitar keyboard ukulele drum", "strings chord tune practice rhythm stage"),
    _category("Toys", "Puzzles", 18, "puzzle cube maze riddle", "pieces logic solve patience brain corner"),
    _category("Toys", "Boardgames", 32, "boardgame cards dice expansion", "players strategy turn rules family tokens"),
    _category("Toys", "Models", 28, "kit locomotive glider ship", "glue scale paint assemble miniature detail"),
    _category("Toys", "Crafts", 16, "yarn beads clay stencils", "knit sew colour pattern handmade thread"),
    _category("Sports", "Running", 85, "trainers watch vest shorts", "marathon pace sprint cushioned jog stride"),
    _category("Sports", "Yoga", 30, "mat block strap bolster", "stretch breath balance calm flow pose"),
    _category("Sports", "Fitness", 50, "dumbbell kettlebell bench bands", "muscle strength rep gym lift sweat"),
    _category("Sports", "Swimming", 26, "goggles fins towel cap", "pool lane splash dive chlorine lap"),
)

BRANDS = (
    "Alpina", "Borealis", "Cinder", "Dovetail", "Ember", "Fjordson", "Gantry", "Hollis", "Ibex", "Juniper", "Kestrel",
    "Lumen", "Marlow", "Nordvik", "Orchard", "Peregrine", "Quill", "Rowan", "Sable", "Tamarack", "Umber", "Vesper",
    "Willow", "Yarrow", "Zephyr", "Anvil", "Bramble", "Cobalt", "Dunes", "Everly", "Foundry", "Grove", "Harbour",
    "Inlet", "Jasper", "Keystone",
)  # fmt: skip

# What brands say of themselves; each uses three of these all the time.
CLAIMS = (
    "recycled", "artisan", "guaranteed", "affordable", "premium", "heritage", "award-winning", "local", "vegan",
    "repairable", "lightweight", "rugged", "certified", "family-run", "limited",
)  # fmt: skip

# A style word for either end of each direction in which an item may differ from its category and brand.
STYLES = (
    ("minimal", "ornate"), ("bright", "muted"), ("classic", "futuristic"), ("compact", "oversized"),
    ("playful", "serious"), ("rustic", "sleek"), ("quiet", "bold"), ("foldable", "sturdy"),
    ("vintage", "modern"), ("simple", "clever"), ("delicate", "heavy"), ("urban", "wild"),
)  # fmt: skip

REGIONS = ("north", "northeast", "east", "southeast", "south", "southwest", "west", "centre")
GENDERS = ("female", "male", "other")
DEVICES = ("phone", "desktop", "tablet")
