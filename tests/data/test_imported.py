"""
What the command line imported is what the files say, and reads as typed documents.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from bson import SON

from mongolane import DataBase
from tests.data.classes import Flight, Movie, Quake, Zip
from tests.data.conftest import Stock
from tests.support.servers import Server


def read_json(path: Path) -> Any:
    """
    The file as Python's own reader has it.
    """
    return json.loads(path.read_bytes())


async def test_report_says_how_many(server: Server, stock: Stock) -> None:
    """
    Each import ends in one line with the number of documents and where they are.
    """
    stock.fill(server)
    counts = {"movies": 3201, "quakes": 1707, "zips": 42049, "flights": 200_000}
    lines = stock.told[server].items()
    told = {name: line.partition(", in ")[0] for name, line in lines}

    assert {
        name: f"{count:,} imported into {stock.name}.{name}"
        for name, count in counts.items()
    } == told


async def test_movies_keep_every_value(stocked: DataBase, real_data: Path) -> None:
    """
    Every film reads as a typed document that holds the file's values in its order.
    """
    records = read_json(real_data / "movies.json")
    movies = await Movie.using(stocked).find().sort("_id")

    assert [[*record.values()] for record in records] == [
        [*movie.model_dump(exclude={"id"}).values()] for movie in movies
    ]


async def test_movies_types_are_the_declared_ones(stocked: DataBase) -> None:
    """
    A whole-number rating reads as a float, a number for a title as the number it is.
    """
    movies = await Movie.using(stocked).find()
    ratings = {type(movie.rating) for movie in movies}
    titles = {type(movie.title) for movie in movies}

    assert {float, type(None)} == ratings
    assert {str, int, type(None)} == titles


async def test_quakes_are_features(stocked: DataBase, real_data: Path) -> None:
    """
    A GeoJSON collection becomes its features, each under its own id.
    """
    features = read_json(real_data / "earthquakes.json")["features"]
    quakes = {quake.id: quake for quake in await Quake.using(stocked).find()}

    assert {feature["id"] for feature in features} == quakes.keys()
    for feature in features:
        quake = quakes[feature["id"]]
        assert feature["geometry"]["coordinates"] == quake.geometry.coordinates
        assert feature["properties"]["mag"] == quake.properties.mag
        assert feature["properties"]["felt"] == quake.properties.felt
        assert feature["properties"]["magType"] == quake.properties.mag_type


async def test_zips_get_their_codes_back(stocked: DataBase, real_data: Path) -> None:
    """
    Codes imported as text or as numbers read as the five digits of the file.
    """
    with (real_data / "zipcodes.csv").open(newline="") as file:
        rows = [
            (row["zip_code"], float(row["latitude"]), float(row["longitude"]))
            for row in csv.DictReader(file)
        ]
    zips = await Zip.using(stocked).find().sort("_id")

    assert rows == [(one.zip_code, one.latitude, one.longitude) for one in zips]


async def test_zips_types_are_inferred_alike(stocked: DataBase) -> None:
    """
    A code with a leading zero stays text, any other becomes a number.
    """
    stages = [
        {"$group": {"_id": {"$type": "$zip_code"}, "first": {"$min": "$zip_code"}}},
        {"$sort": {"_id": 1}},
    ]

    expected = [{"_id": "int", "first": 10001}, {"_id": "string", "first": "00501"}]
    assert expected == await Zip.using(stocked).pipeline(stages)


async def test_flights_are_all_there(stocked: DataBase, real_data: Path) -> None:
    """
    The sums over 200,000 imported records are those over the file.
    """
    records = read_json(real_data / "flights-200k.json")
    stages = [
        {
            "$group": {
                "_id": None,
                "count": {"$sum": 1},
                "delay": {"$sum": "$delay"},
                "distance": {"$sum": "$distance"},
            }
        }
    ]
    (sums,) = await Flight.using(stocked).pipeline(stages)

    assert SON(
        _id=None,
        count=len(records),
        delay=sum(record["delay"] for record in records),
        distance=sum(record["distance"] for record in records),
    ) == SON(sums)


async def test_flights_stream_through_a_cursor(
    stocked: DataBase, real_data: Path
) -> None:
    """
    A typed cursor goes over all 200,000 once, in the order they were imported.
    """
    records = iter(read_json(real_data / "flights-200k.json"))
    count = 0
    async for flight in Flight.using(stocked).find().sort("_id"):
        record = next(records)
        assert (record["delay"], record["distance"], record["time"]) == (
            flight.delay,
            flight.distance,
            flight.time,
        )
        count += 1

    assert 200_000 == count
