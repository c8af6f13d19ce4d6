"""Places: within, across, and near."""

import pymongo.errors
import pytest

PLACES = [
    {"_id": 1, "name": "Paris", "at": {"type": "Point", "coordinates": [2.35, 48.86]}},
    {"_id": 2, "name": "Lyon", "at": {"type": "Point", "coordinates": [4.84, 45.76]}},
    {"_id": 3, "name": "Berlin", "at": {"type": "Point", "coordinates": [13.4, 52.52]}},
    {"_id": 4, "name": "Porto", "at": {"type": "Point", "coordinates": [-8.63, 41.15]}},
    {
        "_id": 5,
        "name": "a line",
        "at": {"type": "LineString", "coordinates": [[2.0, 48.0], [14.0, 53.0]]},
    },
    {
        "_id": 6,
        "name": "a square",
        "at": {
            "type": "Polygon",
            "coordinates": [[[4, 45], [6, 45], [6, 47], [4, 47], [4, 45]]],
        },
    },
    {"_id": 7, "name": "nowhere"},
    {"_id": 8, "name": "pair", "at": [2.4, 48.9]},
]
PARIS = {"type": "Point", "coordinates": [2.35, 48.86]}
FRANCE = {
    "type": "Polygon",
    "coordinates": [[[-5, 42], [8, 42], [8, 51], [-5, 51], [-5, 42]]],
}
RING = {
    "type": "Polygon",
    "coordinates": [
        [[-5, 42], [8, 42], [8, 51], [-5, 51], [-5, 42]],
        [[1, 48], [4, 48], [4, 50], [1, 50], [1, 48]],
    ],
}
AREAS = [
    ({"$geoWithin": {"$geometry": FRANCE}}, [1, 2, 6, 8]),
    ({"$geoWithin": {"$geometry": RING}}, [2, 6]),
    ({"$geoWithin": {"$centerSphere": [[2.35, 48.86], 100 / 6378.1]}}, [1, 8]),
    ({"$geoIntersects": {"$geometry": FRANCE}}, [1, 2, 5, 6, 8]),
    ({"$geoIntersects": {"$geometry": PARIS}}, [1]),
    (
        {"$geoIntersects": {"$geometry": {"type": "Point", "coordinates": [5, 46]}}},
        [6],
    ),
    (
        {
            "$geoIntersects": {
                "$geometry": {"type": "LineString", "coordinates": [[3, 46], [7, 46]]}
            }
        },
        [6],
    ),
    ({"$not": {"$geoWithin": {"$geometry": FRANCE}}}, [3, 4, 5, 7]),
]
FLAT = [
    ({"$geoWithin": {"$box": [[2, 48], [3, 49]]}}, [1, 8]),
    ({"$geoWithin": {"$center": [[2.4, 48.9], 0.1]}}, [1, 8]),
    ({"$geoWithin": {"$polygon": [[2, 48], [3, 48], [2.5, 50]]}}, [1, 8]),
]


@pytest.fixture
def places(things):
    things.insert_many(PLACES)
    return things


@pytest.mark.parametrize(("given", "expected"), [*AREAS, *FLAT], ids=str)
@pytest.mark.parametrize("indexed", [False, True])
def test_an_area_holds(places, indexed, given, expected):
    """The documents in an area are found, with an index and without."""
    if indexed:
        places.create_index([("at", "2dsphere")])

    assert expected == sorted(d["_id"] for d in places.find({"at": given}))


@pytest.mark.parametrize(
    ("near", "expected"),
    [
        ({"$near": {"$geometry": PARIS, "$maxDistance": 500_000}}, [1, 8, 5, 6, 2]),
        ({"$nearSphere": {"$geometry": PARIS, "$minDistance": 500_000}}, [3, 4]),
        ({"$nearSphere": [2.35, 48.86], "$maxDistance": 0.05}, [1, 8, 5, 6]),
        ({"$near": [2.35, 48.86], "$maxDistance": 3}, [1, 8]),
    ],
    ids=["near", "far", "radians", "flat"],
)
def test_the_nearest_come_first(places, near, expected):
    """$near gives an order and bounds; its limit takes the nearest."""
    places.create_index([("at", "2dsphere")])

    assert expected == [d["_id"] for d in places.find({"at": near})]
    assert expected[:2] == [d["_id"] for d in places.find({"at": near}).limit(2)]


def test_distances_are_told(places):
    """$geoNear writes the distance in metres, nearest first."""
    places.create_index([("at", "2dsphere")])
    stage = {
        "near": PARIS,
        "distanceField": "far.metres",
        "spherical": True,
        "query": {"name": {"$in": ["Paris", "Berlin", "Porto"]}},
        "maxDistance": 1_000_000,
        "includeLocs": "far.place",
    }
    found = list(places.aggregate([{"$geoNear": stage}, {"$project": {"far": 1}}]))

    assert [1, 3] == [d["_id"] for d in found]
    assert 0 == found[0]["far"]["metres"]
    assert 877_000 < found[1]["far"]["metres"] < 879_000
    assert PLACES[2]["at"] == found[1]["far"]["place"]


REFUSED = [
    ({"at": {"$geoWithin": 1}}, 2),
    ({"at": {"$geoWithin": {"$foo": 1}}}, 2),
    ({"at": {"$geoWithin": {"$geometry": PARIS}}}, 2),
    ({"at": {"$geoIntersects": {"$geometry": {"type": "Point"}}}}, 2),
    (
        {
            "at": {
                "$geoIntersects": {
                    "$geometry": {"type": "Point", "coordinates": [200, 0]}
                }
            }
        },
        2,
    ),
    ({"at": {"$near": {"$geometry": PARIS}}}, 291),
    ({"$or": [{"at": {"$near": {"$geometry": PARIS}}}]}, 2),
    ({"at": {"$near": "x"}}, 2),
]


@pytest.mark.parametrize(("given", "code"), REFUSED, ids=str)
def test_what_is_no_place_is_refused(things, given, code):
    """A shape that is none, and $near without an index, are refused."""
    things.insert_one({"_id": 1, "at": PARIS})
    with pytest.raises(pymongo.errors.OperationFailure) as caught:
        list(things.find(given))

    assert code == caught.value.code


def test_an_index_wants_places(things):
    """With a 2dsphere index, a document whose place is none is refused."""
    things.create_index([("at", "2dsphere")])
    with pytest.raises(pymongo.errors.WriteError) as caught:
        things.insert_one({"at": {"type": "Point", "coordinates": [999, 0]}})

    assert 16755 == caught.value.code
    with pytest.raises(pymongo.errors.OperationFailure) as caught:
        things.count_documents({"at": {"$near": {"$geometry": PARIS}}})
    assert 5626500 == caught.value.code
