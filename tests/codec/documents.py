"""Documents that hypothesis makes: any BSON, and what fits the models."""

from __future__ import annotations

import datetime as dt
from typing import Any

import bson
from bson import (
    Binary,
    DBRef,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
)
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions, DatetimeConversion
from hypothesis import strategies as st

OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True,
    uuid_representation=UuidRepresentation.STANDARD,
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
)

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
keys = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6
)
ints = st.integers(-(2**63), 2**63 - 1)
moments = st.datetimes(timezones=st.just(dt.UTC)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)
object_ids = st.binary(min_size=12, max_size=12).map(ObjectId)
decimals = st.decimals(allow_nan=False, allow_infinity=False, places=3).filter(
    lambda number: len(number.as_tuple().digits) <= 34
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    ints,
    ints.map(Int64),
    st.floats(allow_nan=False),
    text,
    st.binary(max_size=20),
    st.builds(Binary, st.binary(max_size=9), st.sampled_from([1, 2, 5, 6, 128])),
    st.uuids(),
    object_ids,
    moments,
    decimals.map(Decimal128),
    st.builds(Regex, keys, st.sampled_from([0, 2, 8, 2 | 8 | 16 | 64])),
    st.builds(Timestamp, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)),
    st.builds(DBRef, text, object_ids),
    st.sampled_from([MinKey(), MaxKey()]),
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4)
    ),
    max_leaves=12,
)
documents = st.dictionaries(keys, values, max_size=8)

addresses = st.fixed_dictionaries(
    {"street": text}, optional={"city": text, "more": ints}
)
pets = st.one_of(
    st.fixed_dictionaries({"kind": st.just("cat"), "lives": st.integers(0, 9)}),
    st.fixed_dictionaries({"kind": st.just("dog"), "bark": text}),
)
required = {
    "_id": object_ids,
    "t": st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
    "number": st.integers(-(10**9), 10**12),
    "ratio": st.floats(allow_nan=False) | st.integers(-1000, 1000),
    "flag": st.booleans(),
    "moment": moments,
    "price": decimals.map(Decimal128),
    "data": text.map(str.encode),
    "key": st.uuids(),
    "colour": st.sampled_from(["red", "blue"]),
    "level": st.sampled_from([1, 2]),
    "address": addresses,
}
optional = {
    "mood": st.sampled_from(["good", "bad"]),
    "tags": st.lists(text, max_size=4),
    "pair": st.lists(ints, max_size=3),
    "unique": st.lists(st.integers(0, 5), max_size=5),
    "frozen": st.lists(text, max_size=3),
    "queue": st.lists(ints, max_size=3),
    "scores": st.dictionaries(keys, st.floats(allow_nan=False) | ints, max_size=3),
    "nested": st.dictionaries(keys, st.lists(addresses, max_size=2), max_size=2),
    "maybe": st.none() | text,
    "either": text | ints,
    "pet": st.none() | pets,
    "free": st.none() | text | ints | st.lists(text, max_size=2),
    "unknown": ints,
}
fitting = st.fixed_dictionaries(required, optional=optional)


def shuffled(document: dict[str, Any], order: list[int]) -> dict[str, Any]:
    """The document with its keys in another order."""
    names = sorted(document, key=lambda key: hash((key, *order)))
    return {name: document[name] for name in names}


# Sometimes in another order, sometimes with one value that does not fit.
stored = st.one_of(
    fitting,
    st.builds(shuffled, fitting, st.lists(st.integers(), max_size=2)),
    st.builds(
        lambda document, key, value: {**document, key: value},
        fitting,
        st.sampled_from(sorted({*required, *optional})),
        st.none() | ints | text | st.floats(allow_nan=False) | st.booleans(),
    ),
)


def to_bson(document: Any) -> bytes:
    """The document's bytes, by PyMongo."""
    return bson.encode(document, codec_options=OPTIONS)
