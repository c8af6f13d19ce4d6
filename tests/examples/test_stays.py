"""The example's routes, loading and processes."""

from __future__ import annotations

import concurrent.futures
import json
import socket
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bson
import pymongo
import pytest
from bson import json_util
from examples.stays.generator import COUNT, listings
from tests.examples.conftest import Running, Start, starting
from tests.support.servers import Server

DATABASE = "stays_routes"
NEW = {"name": "Boat on the river", "price": "80.00", "address": {"market": "Porto"}}


class Site:
    """A running application, asked over HTTP."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, path: str, body: Any = None, **parameters: Any) -> tuple[int, Any]:
        """The status and the JSON of an answer."""
        query = urllib.parse.urlencode(parameters, doseq=True)
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(
            f"{self.url}{path}" + (f"?{query}" if query else ""),
            data,
            {"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def get(self, path: str, **parameters: Any) -> Any:
        status, told = self.ask(path, **parameters)
        assert status == 200, told
        return told


@pytest.fixture(scope="module")
def site(engine: Server) -> Iterator[Site]:
    """The application with 600 stays, started once."""
    with starting() as start:
        running = start(
            "-m",
            "examples.stays",
            MONGODB_URI=engine.uri,
            MONGODB_DB=DATABASE,
            STAYS_COUNT="600",
        )
        yield Site(running.url)
    with pymongo.MongoClient(engine.uri) as client:
        client.drop_database(DATABASE)


def test_generator_is_deterministic() -> None:
    """The same listings come every time, 5,555 of them, each with its own id."""
    first, second = list(listings()), list(listings())

    assert first == second
    assert len({one["_id"] for one in first}) == COUNT == 5555


def test_generated_can_be_stored() -> None:
    """A listing has the fields of the real collection and a place on the globe."""
    (one,) = listings(1)
    longitude, latitude = one["address"]["location"]["coordinates"]

    assert {"name", "summary", "price", "review_scores", "host", "images"} <= set(one)
    assert -180 <= longitude <= 180
    assert -90 <= latitude <= 90


def test_users_of_the_article(site: Site) -> None:
    """The active users come as dicts with their ids as hex text."""
    users = site.get("/users/")

    assert [set(one) for one in users] == [{"_id", "name", "active"}] * 2
    assert all(one["active"] is True for one in users)
    assert all(bson.ObjectId.is_valid(one["_id"]) for one in users)
    assert site.get(f"/users/{users[0]['_id']}") == users[0]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/users/zz", 422),
        ("/users/" + "0" * 24, 404),
        ("/stays/none", 404),
        ("/stays?page=0", 422),
        ("/stays?size=101", 422),
        ("/stays?sort=name", 422),
        ("/stays?min_price=cheap", 422),
        ("/stays?bedrooms[$gt]=1", 200),
    ],
)
def test_bad_requests(site: Site, path: str, status: int) -> None:
    """What is wrong in a request is told by its status."""
    assert site.ask(path)[0] == status


def test_every_filter(site: Site) -> None:
    """Each filter keeps what fits and nothing else, and the total says how many."""
    made = list(listings(600))
    wanted = {
        "city": "Porto",
        "max_price": 70,
        "bedrooms": 1,
        "amenities": ["Wifi", "TV"],
    }
    expected = {
        one["_id"]
        for one in made
        if one["address"]["market"] == "Porto"
        and one["price"] <= 70
        and one["bedrooms"] >= 1
        and {"Wifi", "TV"} <= set(one["amenities"])
    }
    found = site.get("/stays", size=100, **wanted)

    assert {one["id"] for one in found["items"]} == expected
    assert found["total"] == len(expected) > 0


def test_text_and_rating(site: Site) -> None:
    """Words are found in any case, and ratings below the least are left out."""
    found = site.get("/stays", text="GARDEN", min_rating=90, size=100)["items"]

    assert found
    assert all("garden" in one["name"] for one in found)
    assert all(one["review_scores"]["review_scores_rating"] >= 90 for one in found)


def test_pages_hold_each_stay_once(site: Site) -> None:
    """All pages together hold every stay exactly once, in the order asked for."""
    pages = [site.get("/stays", page=n, size=100, sort="price") for n in range(1, 7)]
    found = [one for page in pages for one in page["items"]]
    prices = [float(one["price"]) for one in found]

    assert len({one["id"] for one in found}) == len(found) >= 600
    assert prices == sorted(prices)


def test_top_is_well_rated_and_cheapest_first(site: Site) -> None:
    """The best stays have high ratings and five reviews, the cheapest first."""
    top = site.get("/stays/top", min_rating=95, limit=20)
    prices = [float(one["price"]) for one in top]

    assert len(top) == 20
    assert prices == sorted(prices)
    assert all(one["review_scores"]["review_scores_rating"] >= 95 for one in top)
    assert all(one["number_of_reviews"] >= 5 for one in top)


def test_one_stay_is_whole(site: Site) -> None:
    """A stay by its id has everything that was generated for it."""
    (made,) = listings(1)
    stay = site.get(f"/stays/{made['_id']}")

    assert stay["name"] == made["name"]
    assert stay["price"] == str(made["price"])
    assert stay["amenities"] == made["amenities"]
    assert stay["address"]["location"] == made["address"]["location"]


def test_create_and_find(site: Site) -> None:
    """A new stay is answered with its id and found again."""
    status, stay = site.ask("/stays", NEW)

    assert status == 201
    assert site.get(f"/stays/{stay['id']}") == stay


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"price": None}, ["body", "price"]),
        ({"price": -1}, ["body", "price"]),
        ({"bedrooms": 1.5}, ["body", "bedrooms"]),
        ({"name": {"$gt": ""}}, ["body", "name"]),
        ({"address": {"location": {}}}, ["body", "address", "location", "coordinates"]),
    ],
)
def test_create_validates(site: Site, change: Any, place: list[str]) -> None:
    """A stay that does not fit is refused at its field."""
    status, told = site.ask("/stays", {**NEW, **change})

    assert status == 422
    assert told["detail"][0]["loc"] == place


def test_known_id_is_409(site: Site) -> None:
    """A stay with an id that exists is a 409."""
    (made,) = listings(1)

    assert site.ask("/stays", {**NEW, "id": made["_id"]})[0] == 409


def test_import_streams_its_progress(site: Site) -> None:
    """Events come while lines are still being sent, and the last one counts them."""
    host, _, port = site.url.removeprefix("http://").partition(":")
    good = [json.dumps({**NEW, "id": f"bulk-{n}"}) for n in range(250)]
    with socket.create_connection((host, int(port)), timeout=20) as one:
        one.sendall(
            b"POST /stays/import HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            b"Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        send(one, "\n".join(good) + "\n")
        early = read_until(one, b'"imported": 200')
        send(one, '{"name": 1}\n' + good[0] + "\nnonsense")
        one.sendall(b"0\r\n\r\n")
        late = read_until(one, b'"done": true}')

    assert b'"done"' not in early
    last = next(json.loads(one) for one in late.splitlines() if b'"done"' in one)
    assert (last["line"], last["imported"], last["skipped"]) == (253, 250, 3)
    assert b"line 251: name" in late
    assert b"line 252: 'bulk-0' exists already" in late
    assert b"line 253: Invalid JSON" in late


def send(one: socket.socket, text: str) -> None:
    data = text.encode()
    one.sendall(f"{len(data):x}\r\n".encode() + data + b"\r\n")


def read_until(one: socket.socket, mark: bytes) -> bytes:
    data = b""
    while mark not in data:
        chunk = one.recv(65536)
        assert chunk, data
        data += chunk
    return data


def test_health_has_figures(site: Site) -> None:
    """Health tells the lane, the pool's figures, a ping and the requests' times."""
    site.get("/stays")
    health = site.get("/health")

    assert health["status"] == "ok"
    assert health["pool"]["lane"] == "direct"
    assert health["pool"]["open"] >= 1
    assert health["ping_ms"] > 0
    assert health["latency"]["count"] >= 1


def test_busy_pool_serves_all(site: Site) -> None:
    """Forty requests at the same time are all served."""
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        found = list(pool.map(lambda _: site.get("/stays", size=5), range(40)))

    assert len({json.dumps(one) for one in found}) == 1


def test_page_needs_no_other_host(site: Site) -> None:
    """The page is one file that names no other host."""
    with urllib.request.urlopen(site.url, timeout=10) as answer:
        text = answer.read().decode()

    assert "<title>Stays</title>" in text
    assert "https://" not in text


def test_second_run_keeps_what_was_stored(start: Start, tmp_path: Path) -> None:
    """On a folder, a second run has what the first stored, and adds nothing."""
    uri = f"embedded://{tmp_path / 'demo'}"
    first = start("-m", "examples.stays", MONGODB_URI=uri)
    _, stay = Site(first.url).ask("/stays", NEW)
    code, printed = first.stop()
    second = start("-m", "examples.stays", MONGODB_URI=uri)

    assert code == 0
    assert f"{first.url}/" in printed
    assert Site(second.url).get(f"/stays/{stay['id']}") == stay
    assert Site(second.url).get("/stays", size=1)["total"] == COUNT + 1


@pytest.mark.parametrize("form", ["array", "lines", "bson"])
def test_real_collection_from_a_file(
    start: Start, engine: Server, database_name: str, tmp_path: Path, form: str
) -> None:
    """--data loads listings as mongoexport, Compass or mongodump wrote them."""
    made = [{**one, "unknown": 1} for one in listings(3, seed=7)]
    stored = bson.decode_all(b"".join(bson.encode(plain(one)) for one in made))
    file = tmp_path / ("real.bson" if form == "bson" else "real.json")
    if form == "bson":
        file.write_bytes(b"".join(map(bson.encode, stored)))
    elif form == "array":
        file.write_text(json_util.dumps(stored))
    else:
        file.write_text("\n".join(map(json_util.dumps, stored)))
    running = start(
        "-m",
        "examples.stays",
        "--data",
        str(file),
        MONGODB_URI=engine.uri,
        MONGODB_DB=database_name,
    )
    found = Site(running.url).get("/stays", sort="price")

    assert {one["id"] for one in found["items"]} == {one["_id"] for one in made}


def plain(value: Any) -> Any:
    """A generated listing with Decimal as the server has it."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return bson.Decimal128(value) if type(value).__name__ == "Decimal" else value


def test_workers_load_once(start: Start, engine: Server, database_name: str) -> None:
    """Four workers that start together load the data once, and all of them serve it."""
    running: Running = start(
        "-m",
        "uvicorn",
        "examples.stays.app:app",
        "--workers",
        "4",
        "--port",
        "{PORT}",
        MONGODB_URI=engine.uri,
        MONGODB_DB=database_name,
        STAYS_COUNT="1500",
    )
    site = Site(running.url)
    done = threading.Event()
    with pymongo.MongoClient(engine.uri) as client:
        collection = client[database_name].listingsAndReviews
        while client[database_name].loading.count_documents({"done": True}) == 0:
            done.wait(0.1)

        assert collection.count_documents({}) == 1500
        assert len(collection.index_information()) == 5
    assert {site.get("/stays", size=1)["total"] for _ in range(20)} == {1500}


@pytest.mark.server
def test_same_answers_on_the_real_server(
    start: Start, real: Server, database_name: str, site: Site
) -> None:
    """On a server that is not ours, the same questions have the same answers."""
    running = start(
        "-m",
        "examples.stays",
        MONGODB_URI=real.uri,
        MONGODB_DB=database_name,
        STAYS_COUNT="600",
    )
    theirs = Site(running.url)
    for path, asked in (
        ("/stays", {"text": "garden", "size": 100}),
        ("/stays", {"city": "Porto", "max_price": 70, "amenities": ["Wifi", "TV"]}),
        ("/stays", {"min_rating": 90, "bedrooms": 2, "page": 2, "country": "Spain"}),
        ("/stays/top", {"min_rating": 95, "limit": 20}),
        ("/stays/choices", {}),
        ("/stays/10006546", {}),
    ):
        # What other tests have added here is not there.
        ours = site.get(path, **asked)

        assert theirs.get(path, **asked) == ours, path


def test_foreign_collection_left_alone(
    start: Start, engine: Server, database_name: str
) -> None:
    """A collection that has documents in it already gets no more."""
    (one,) = listings(1)
    with pymongo.MongoClient(engine.uri) as client:
        client[database_name].listingsAndReviews.insert_one(plain(one))
        running = start(
            "-m", "examples.stays", MONGODB_URI=engine.uri, MONGODB_DB=database_name
        )

        assert Site(running.url).get("/stays")["total"] == 1


def test_missing_data_file_told() -> None:
    """A --data file that is not there is told, with exit code 1."""
    import subprocess
    import sys

    from tests.examples.conftest import ROOT

    ended = subprocess.run(
        [sys.executable, "-m", "examples.stays", "--data", "/nowhere/real.json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert ended.returncode == 1
    assert "/nowhere/real.json" in ended.stderr
