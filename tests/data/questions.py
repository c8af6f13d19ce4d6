"""
What the tests ask of the imported data: two dozen questions, each with one right order.

A find gives typed documents, an aggregation gives rows. Sorts end in enough keys that
only equal documents can change places. What a $group collects and a $bucket gives is
sorted once more, because the real server keeps their order only by some of its plans.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mongolane import DataBase, desc
from mongolane.expressions import expr
from tests.data.classes import Flight, Movie, Quake, Zip

# The name is the test's; the question is made for a database and awaited.
FINDS: dict[str, Callable[[DataBase], Any]] = {
    "movies_with_numbers_for_titles": lambda database: (
        Movie.using(database).find(Movie.title.type("number")).sort(Movie.title)
    ),
    "movies_without_title": lambda database: Movie.using(database).find(
        Movie.title == None  # noqa: E711 - a path
    ),
    "movies_titles_in_bson_order": lambda database: (
        Movie.using(database)
        .find(Movie.budget >= 150_000_000)
        .sort(Movie.title, Movie.released)
    ),
    "movies_acclaimed": lambda database: (
        Movie.using(database)
        .find(Movie.rating >= 8.5, Movie.mpaa.in_(["R", "PG-13"]))
        .sort(desc(Movie.rating), Movie.title)
        .limit(20)
    ),
    "movies_of_stevens": lambda database: (
        Movie.using(database)
        .find(
            Movie.director.regex("^steven", "i"),
            (Movie.genre == "Drama") | (Movie.minutes > 120),
        )
        .sort(Movie.title, Movie.released)
    ),
    "movies_sold_on_dvd": lambda database: (
        Movie.using(database)
        .find(
            Movie.dvd_sales != None,  # noqa: E711 - a path
            Movie.distributor.not_in(["Sony Pictures", "Universal", None]),
        )
        .sort(desc(Movie.dvd_sales), Movie.title)
        .skip(10)
        .limit(30)
    ),
    "movies_not_below": lambda database: (
        Movie.using(database)
        .find(~(Movie.tomatoes < 97))
        .sort(Movie.tomatoes, Movie.title, Movie.released)
    ),
    "movies_forty_times_their_budget": lambda database: (
        Movie.using(database)
        .find(
            Movie.budget > 0,
            expr(
                {
                    "$gt": [
                        "$Worldwide Gross",
                        {"$multiply": ["$Production Budget", 40]},
                    ]
                }
            ),
        )
        .sort(desc(Movie.gross), Movie.title)
    ),
    "quakes_felt_without_alert": lambda database: (
        Quake.using(database)
        .find(Quake.properties.felt >= 10, Quake.properties.alert == None)  # noqa: E711
        .sort(desc(Quake.properties.felt), Quake.id)
    ),
    "quakes_deep": lambda database: (
        Quake.using(database)
        .find(Quake.geometry.coordinates[2] > 200)
        .sort(desc(Quake.geometry.coordinates[2]), Quake.id)
    ),
    "quakes_one_coordinate_between": lambda database: (
        Quake.using(database)
        .find(
            {"geometry.coordinates": {"$elemMatch": {"$gt": 100, "$lt": 600}}},
            Quake.properties.mag >= 5,
        )
        .sort(Quake.id)
    ),
    "quakes_by_remainder": lambda database: (
        Quake.using(database).find(Quake.properties.nst.mod(25, 3)).sort(Quake.id)
    ),
    "quakes_missing_keys": lambda database: (
        Quake.using(database)
        .find(
            Quake.properties.dmin == None,  # noqa: E711 - a path
            Quake.properties.types.contains("phase-data"),
        )
        .sort(Quake.properties.time, Quake.id)
    ),
    "zips_by_prefix": lambda database: (
        Zip.using(database).find(Zip.zip_code.starts_with("0210")).sort(Zip.zip_code)
    ),
    "zips_in_a_box": lambda database: (
        Zip.using(database)
        .find(
            Zip.latitude >= 40.7,
            Zip.latitude < 40.8,
            Zip.longitude >= -74.02,
            Zip.longitude <= -73.95,
        )
        .sort("zip_code")
    ),
    "zips_of_counties": lambda database: (
        Zip.using(database)
        .find(Zip.state == "TX", Zip.county.in_(["Harris", "King"]))
        .sort(Zip.county, desc(Zip.latitude), Zip.longitude, "zip_code")
    ),
    "flights_very_late": lambda database: (
        Flight.using(database)
        .find(Flight.delay > 400)
        .sort(desc(Flight.delay), Flight.distance, Flight.time)
    ),
    "flights_by_equal_delay": lambda database: (
        Flight.using(database)
        .find(Flight.delay == -20, Flight.distance < 300)
        .sort(Flight.distance, Flight.time)
    ),
}

# Of a $lookup: what lies within a hundredth of a degree.
NEAR: list[dict[str, Any]] = [
    {"$gt": ["$latitude", {"$add": ["$$lat", -0.01]}]},
    {"$lt": ["$latitude", {"$add": ["$$lat", 0.01]}]},
    {"$lt": [{"$abs": {"$subtract": ["$longitude", "$$long"]}}, 0.01]},
]

AGGREGATIONS: dict[str, tuple[type[Any], list[dict[str, Any]]]] = {
    "movies_genres": (
        Movie,
        [
            {"$match": {"Major Genre": {"$ne": None}}},
            {
                "$group": {
                    "_id": "$Major Genre",
                    "films": {"$sum": 1},
                    "gross": {"$avg": "$Worldwide Gross"},
                    "best": {"$max": "$IMDB Rating"},
                    "worst": {"$min": "$IMDB Rating"},
                    "votes": {"$sum": "$IMDB Votes"},
                }
            },
            {"$sort": {"_id": 1}},
        ],
    ),
    "movies_months": (
        Movie,
        [
            {"$set": {"parts": {"$split": ["$Release Date", " "]}}},
            {
                "$group": {
                    "_id": {"$arrayElemAt": ["$parts", 0]},
                    "films": {"$sum": 1},
                    "first": {"$min": {"$toInt": {"$arrayElemAt": ["$parts", -1]}}},
                }
            },
            {"$sort": {"films": -1, "_id": 1}},
        ],
    ),
    "movies_title_types": (
        Movie,
        [
            {"$group": {"_id": {"$type": "$Title"}, "films": {"$sum": 1}}},
            {"$sort": {"_id": 1}},
        ],
    ),
    "movies_returns": (
        Movie,
        [
            {
                "$match": {
                    "Production Budget": {"$gt": 0},
                    "Worldwide Gross": {"$type": "number"},
                }
            },
            {
                "$project": {
                    "_id": 0,
                    "Title": 1,
                    "profit": {"$subtract": ["$Worldwide Gross", "$Production Budget"]},
                    "times": {
                        "$round": [
                            {"$divide": ["$Worldwide Gross", "$Production Budget"]},
                            3,
                        ]
                    },
                }
            },
            {"$sort": {"times": -1, "Title": 1}},
            {"$limit": 25},
        ],
    ),
    "movies_directors": (
        Movie,
        [
            {"$match": {"Director": {"$ne": None}}},
            {
                "$group": {
                    "_id": "$Director",
                    "films": {"$push": "$Title"},
                    "genres": {"$addToSet": "$Major Genre"},
                    "count": {"$sum": 1},
                }
            },
            {"$match": {"count": {"$gte": 10}}},
            {
                "$set": {
                    "films": {"$sortArray": {"input": "$films", "sortBy": 1}},
                    "genres": {"$sortArray": {"input": "$genres", "sortBy": 1}},
                }
            },
            {"$sort": {"count": -1, "_id": 1}},
        ],
    ),
    "movies_facets": (
        Movie,
        [
            {
                "$facet": {
                    "ratings": [
                        {"$sortByCount": "$MPAA Rating"},
                        {"$sort": {"count": -1, "_id": 1}},
                    ],
                    "long": [
                        {"$match": {"Running Time min": {"$gte": 180}}},
                        {"$count": "films"},
                    ],
                    "budgets": [
                        {
                            "$bucket": {
                                "groupBy": "$Production Budget",
                                "boundaries": [0, 1_000_000, 10_000_000, 100_000_000],
                                "default": "more or none",
                                "output": {"films": {"$sum": 1}},
                            }
                        },
                        {"$sort": {"_id": 1}},
                    ],
                }
            }
        ],
    ),
    "quakes_feeds": (
        Quake,
        [
            {
                "$set": {
                    "feeds": {
                        "$split": [
                            {"$trim": {"input": "$properties.types", "chars": ","}},
                            ",",
                        ]
                    }
                }
            },
            {"$unwind": {"path": "$feeds", "includeArrayIndex": "place"}},
            {
                "$group": {
                    "_id": "$feeds",
                    "count": {"$sum": 1},
                    "last": {"$max": "$place"},
                }
            },
            {"$sort": {"count": -1, "_id": 1}},
        ],
    ),
    "quakes_days": (
        Quake,
        [
            {
                "$group": {
                    "_id": {
                        "$dateToString": {
                            "date": {"$toDate": "$properties.time"},
                            "format": "%Y-%m-%d",
                        }
                    },
                    "count": {"$sum": 1},
                    "strongest": {"$max": "$properties.mag"},
                    "mean": {"$avg": "$properties.mag"},
                    "spread": {"$stdDevPop": "$properties.mag"},
                }
            },
            {"$sort": {"_id": 1}},
        ],
    ),
    "quakes_classes": (
        Quake,
        [
            {
                "$group": {
                    "_id": {
                        "type": "$properties.magType",
                        "class": {
                            "$switch": {
                                "branches": [
                                    {
                                        "case": {"$lt": ["$properties.mag", 2]},
                                        "then": "micro",
                                    },
                                    {
                                        "case": {"$lt": ["$properties.mag", 4]},
                                        "then": "minor",
                                    },
                                ],
                                "default": "felt",
                            }
                        },
                    },
                    "count": {"$sum": 1},
                }
            },
            {"$sort": {"_id.type": 1, "_id.class": 1}},
        ],
    ),
    "zips_states": (
        Zip,
        [
            {
                "$group": {
                    "_id": {"state": "$state", "county": "$county"},
                    "zips": {"$sum": 1},
                    "north": {"$max": "$latitude"},
                    "first": {"$min": "$zip_code"},
                }
            },
            {
                "$group": {
                    "_id": "$_id.state",
                    "counties": {"$sum": 1},
                    "zips": {"$sum": "$zips"},
                    "largest": {"$max": "$zips"},
                    "north": {"$max": "$north"},
                    "first": {"$min": "$first"},
                }
            },
            {"$sort": {"_id": 1}},
        ],
    ),
    "zips_of_the_same_name": (
        Zip,
        [
            {"$match": {"state": "MA", "city": {"$in": ["Boston", "Springfield"]}}},
            {
                "$lookup": {
                    "from": "zips",
                    "localField": "city",
                    "foreignField": "city",
                    "as": "same",
                }
            },
            {
                "$project": {
                    "_id": 0,
                    "zip_code": 1,
                    "same": {"$size": "$same"},
                    "states": {
                        "$sortArray": {
                            "input": {"$setUnion": ["$same.state", []]},
                            "sortBy": 1,
                        }
                    },
                }
            },
            {"$sort": {"zip_code": 1}},
        ],
    ),
    "zips_near": (
        Zip,
        [
            {"$match": {"zip_code": {"$in": ["02108", 10001, 94103]}}},
            {
                "$lookup": {
                    "from": "zips",
                    "let": {"lat": "$latitude", "long": "$longitude"},
                    "pipeline": [
                        {"$match": {"$expr": {"$and": NEAR}}},
                        {"$sort": {"zip_code": 1}},
                        {"$project": {"_id": 0, "zip_code": 1}},
                    ],
                    "as": "near",
                }
            },
            {"$project": {"_id": 0, "zip_code": 1, "near": "$near.zip_code"}},
            {"$sort": {"zip_code": 1}},
        ],
    ),
    "flights_delays": (
        Flight,
        [
            {
                "$bucket": {
                    "groupBy": "$delay",
                    "boundaries": [-10_000, 0, 15, 60, 180, 10_000],
                    "output": {
                        "count": {"$sum": 1},
                        "distance": {"$avg": "$distance"},
                    },
                }
            },
            {"$sort": {"_id": 1}},
        ],
    ),
    "flights_hours": (
        Flight,
        [
            {
                "$group": {
                    "_id": {"$toInt": {"$floor": "$time"}},
                    "count": {"$sum": 1},
                    "late": {"$sum": {"$cond": [{"$gt": ["$delay", 15]}, 1, 0]}},
                    "spread": {"$stdDevPop": "$delay"},
                }
            },
            {"$sort": {"_id": 1}},
        ],
    ),
}
