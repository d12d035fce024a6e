"""The goods that the sample company sells: categories, brands, product names, seasons.

Belongs here: what the categories are like. Products with prices and stock are `facts/goods.py`, who buys what
`facts/purchases.py`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Category:
    """One category of goods.

    Attributes:
        name: As the shop writes it.
        share: How much of the company's orders have it as their main category, 0..1.
        rate_factor: How much more often than average its lovers come back.
        price_pence: Median list price.
        peak_month: Month of the year in which it sells best, 1..12.
        peak_strength: 0 sells evenly, 1 sells only around the peak.
        adjectives: First words of product names.
        things: Last words of product names.
        replenishment_days: After how many days a product is used up; 0 if it is not used up.
    """

    name: str
    share: float
    rate_factor: float
    price_pence: int
    peak_month: int
    peak_strength: float
    adjectives: tuple[str, ...]
    things: tuple[str, ...]
    replenishment_days: int = 0


CATEGORIES = (
    Category(
        "Candles & Scent",
        0.18,
        1.7,
        1250,
        12,
        0.4,
        ("Fig", "Cedar", "Linen", "Winter Orange", "Sea Salt"),
        ("Candle", "Reed Diffuser", "Room Spray", "Wax Melts", "Votive Set"),
        90,
    ),
    Category(
        "Tea & Pantry",
        0.16,
        1.9,
        780,
        11,
        0.3,
        ("Breakfast", "Smoky", "Rose", "Ginger", "Highland"),
        ("Tea", "Preserve", "Biscuits", "Fudge", "Honey"),
        60,
    ),
    Category(
        "Garden",
        0.15,
        0.9,
        2400,
        5,
        0.6,
        ("Terracotta", "Galvanised", "Ash-handled", "Copper", "Woven"),
        ("Planter", "Watering Can", "Trowel", "Bird Feeder", "Trug"),
    ),
    Category(
        "Kitchen",
        0.14,
        0.8,
        2900,
        10,
        0.2,
        ("Stoneware", "Enamel", "Oak", "Cast Iron", "Linen"),
        ("Mug", "Casserole", "Board", "Pan", "Apron"),
    ),
    Category(
        "Bed & Bath",
        0.11,
        0.6,
        4200,
        1,
        0.2,
        ("Waffle", "Washed Linen", "Cotton", "Striped", "Quilted"),
        ("Towel", "Duvet Cover", "Pillowcase", "Bath Mat", "Throw"),
    ),
    Category(
        "Gifts & Paper",
        0.11,
        1.1,
        650,
        12,
        0.7,
        ("Letterpress", "Marbled", "Botanical", "Kraft", "Gilded"),
        ("Card Set", "Notebook", "Gift Wrap", "Diary", "Calendar"),
    ),
    Category(
        "Lighting",
        0.05,
        0.4,
        6900,
        10,
        0.3,
        ("Brass", "Rattan", "Glass", "Ceramic", "Paper"),
        ("Table Lamp", "Pendant", "Lantern", "Floor Lamp", "Shade"),
    ),
    Category(
        "Furniture",
        0.03,
        0.3,
        18900,
        3,
        0.2,
        ("Oak", "Painted", "Rush-seated", "Walnut", "Folding"),
        ("Stool", "Side Table", "Bench", "Bookcase", "Chair"),
    ),
    Category(
        "Decorating",
        0.05,
        0.5,
        3400,
        4,
        0.3,
        ("Chalk", "Limewash", "Linen", "Heritage", "Panelled"),
        ("Paint", "Wallpaper", "Curtain", "Floor Tile", "Brush Set"),
    ),
    Category(
        "Nursery",
        0.02,
        0.5,
        2600,
        6,
        0.1,
        ("Knitted", "Oak", "Cotton", "Painted", "Quilted"),
        ("Cot Blanket", "Mobile", "Toy Box", "Night Light", "Play Mat"),
    ),
)
RENOVATION = ("Lighting", "Furniture", "Decorating")
NURSERY = "Nursery"
BRANDS = (
    "Larkfield",
    "Otterby",
    "Saltmarsh",
    "Thistle & Rye",
    "Wrenholm",
    "Quillon",
    "Brackwater",
    "Pennywort",
    "Ostara Mill",
    "Holm & Vale",
)
BRANDS_PER_CATEGORY = 4
PRODUCTS_PER_CATEGORY = 25
