"""The words the generator makes its listings of."""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "ADJECTIVES",
    "AMENITIES",
    "COMMENTS",
    "FEATURES",
    "FIRST_NAMES",
    "MARKETS",
    "PROPERTY_TYPES",
    "ROOM_TYPES",
    "SENTENCES",
    "Market",
]


class Market(NamedTuple):
    """A city: where it is, what a night costs there, and its quarters."""

    name: str
    country: str
    code: str
    longitude: float
    latitude: float
    price: int
    weight: int
    suburbs: tuple[str, ...]


MARKETS = (
    Market("Porto", "Portugal", "PT", -8.6291, 41.1496, 62, 12,
           ("Ribeira", "Cedofeita", "Bonfim", "Foz do Douro", "Massarelos", "Sé")),
    Market("Barcelona", "Spain", "ES", 2.1734, 41.3851, 88, 13,
           ("Gràcia", "El Born", "Eixample", "Poble-sec", "Sants", "Poblenou")),
    Market("Istanbul", "Turkey", "TR", 28.9784, 41.0082, 48, 11,
           ("Beyoğlu", "Kadıköy", "Beşiktaş", "Fatih", "Üsküdar", "Şişli")),  # noqa: RUF001
    Market("Montreal", "Canada", "CA", -73.5673, 45.5017, 74, 11,
           ("Plateau", "Mile End", "Rosemont", "Verdun", "Griffintown", "Outremont")),
    Market("New York", "United States", "US", -73.9857, 40.7484, 142, 11,
           ("Williamsburg", "Harlem", "Astoria", "Chelsea", "Bushwick", "Park Slope")),
    Market("Sydney", "Australia", "AU", 151.2093, -33.8688, 121, 11,
           ("Bondi", "Newtown", "Manly", "Surry Hills", "Glebe", "Paddington")),
    Market("Hong Kong", "Hong Kong", "HK", 114.1694, 22.3193, 79, 10,
           ("Mong Kok", "Wan Chai", "Sheung Wan", "Tai Hang", "Sai Kung", "Lamma")),
    Market("Rio De Janeiro", "Brazil", "BR", -43.1729, -22.9068, 83, 10,
           ("Copacabana", "Ipanema", "Santa Teresa", "Botafogo", "Leblon", "Lapa")),
    Market("Oahu", "United States", "US", -157.8583, 21.3069, 158, 4,
           ("Waikiki", "Kailua", "North Shore", "Kaimuki")),
    Market("Maui", "United States", "US", -156.4729, 20.8893, 189, 3,
           ("Kihei", "Lahaina", "Paia", "Wailea")),
    Market("The Big Island", "United States", "US", -155.5828, 19.6024, 151, 3,
           ("Kona", "Hilo", "Volcano", "Waimea")),
    Market("Kauai", "United States", "US", -159.3711, 22.0964, 177, 1,
           ("Princeville", "Kapaa", "Poipu", "Hanalei")),
)  # fmt: skip

# name, weight, factor on the price, bedrooms it may have
PROPERTY_TYPES = (
    ("Apartment", 60, 1.0, (0, 3)),
    ("House", 14, 1.3, (1, 5)),
    ("Condominium", 8, 1.15, (1, 3)),
    ("Serviced apartment", 4, 1.2, (0, 2)),
    ("Loft", 4, 1.2, (0, 2)),
    ("Guesthouse", 3, 0.8, (1, 3)),
    ("Townhouse", 3, 1.25, (2, 4)),
    ("Villa", 2, 2.4, (3, 7)),
    ("Hostel", 1, 0.4, (1, 1)),
    ("Bungalow", 1, 1.0, (1, 2)),
    ("Cabin", 1, 0.9, (1, 2)),
    ("Boat", 1, 1.4, (1, 2)),
)

ROOM_TYPES = (("Entire home/apt", 64, 1.0), ("Private room", 33, 0.5),
              ("Shared room", 3, 0.28))  # fmt: skip

ADJECTIVES = (
    "Airy", "Bright", "Calm", "Charming", "Cosy", "Elegant", "Friendly", "Historic",
    "Leafy", "Modern", "Peaceful", "Quiet", "Rustic", "Spacious", "Sunny", "Tiny",
)  # fmt: skip

FEATURES = (
    "with a balcony", "with river view", "near the old town", "by the market",
    "above a bakery", "with a garden", "close to the metro", "with a roof terrace",
    "by the beach", "with a home office", "for families", "two steps from the tram",
)  # fmt: skip

SENTENCES = (
    "The {kind} lies in {suburb}, ten minutes on foot from the centre of {market}.",
    "Windows on two sides let in light from morning to evening.",
    "The kitchen has what you need to cook for friends: pans, spices, a large table.",
    "The bed is new, the linen is fresh, and the curtains keep out the street lamps.",
    "Cafés, a grocer and a pharmacy are round the corner.",
    "I live close by and am glad to help with tips and a late arrival.",
    "There is a desk with a fast connection for days on which you have to work.",
    "The house is a hundred years old and was renovated with care.",
    "At night it is so quiet that you hear the clock of the church.",
    "From the roof one sees half of {market}, and the sunset for nothing.",
)

AMENITIES = (
    ("Wifi", 97), ("Kitchen", 90), ("Essentials", 94), ("Hangers", 80), ("TV", 74),
    ("Shampoo", 68), ("Washer", 63), ("Heating", 60), ("Air conditioning", 58),
    ("Hair dryer", 71), ("Iron", 66), ("Laptop friendly workspace", 64),
    ("Smoke detector", 61), ("Elevator", 43), ("Family/kid friendly", 40),
    ("Dryer", 38), ("First aid kit", 36), ("Free parking on premises", 28),
    ("Pool", 14), ("Gym", 12), ("Breakfast", 9), ("Pets allowed", 13),
    ("Wheelchair accessible", 7), ("Hot tub", 7), ("Indoor fireplace", 4),
    ("Balcony", 22), ("Garden or backyard", 16), ("Waterfront", 6), ("Crib", 11),
)  # fmt: skip

FIRST_NAMES = (
    "Ana", "Ayşe", "Beatriz", "Carlos", "Chloé", "Daniel", "Emre", "Fátima", "Gabriel",
    "Grace", "Inês", "Jack", "João", "Jordi", "Kai", "Laia", "Leilani", "Liam", "Luc",
    "Maria", "Marta", "Mei", "Miguel", "Noah", "Olivia", "Pedro", "Rafael", "Sofia",
    "Tomás", "Valentina", "Wing", "Yusuf", "Zeynep", "Zoë",
)  # fmt: skip

COMMENTS = (
    "Exactly as described, and {host} answered every question within minutes.",
    "We loved {suburb}. The {kind} is small, but everything has its place.",
    "Very clean, very quiet, comfortable bed. We would come back.",
    "Good value for {market}. The stairs are steep, so travel light.",
    "{host} met us at the door with fresh bread. What a start!",
    "The pictures do not do it justice: the light in the morning is wonderful.",
    "The connection was fast enough for two of us to work all week.",
    "A bit noisy on Saturday night, otherwise perfect.",
    "Great place for the children, with games and a park close by.",
    "Check-in was easy and the tips for dinner were spot on.",
)
