"""Each operation's command: what is sent, and how it may be sent."""

from __future__ import annotations

import pytest

from mongolane import commands

PLACE = ("test", "people")
EVERYTHING = {
    "sort": {"a": 1},
    "skip": 1,
    "limit": 2,
    "hint": "a_1",
    "collation": {"locale": "de"},
    "comment": "why",
    "maxTimeMS": 5,
    "readConcern": {"level": "majority"},
    "writeConcern": {"w": "majority"},
    "let": {"x": 1},
    "batchSize": 7,
    "arrayFilters": [{"x": 1}],
    "projection": {"a": 1},
    "bypassDocumentValidation": None,
}


@pytest.mark.parametrize(
    ("command", "body"),
    [
        (commands.find(*PLACE, {"a": 1}), {"find": "people", "filter": {"a": 1}}),
        (commands.find(*PLACE, {}, {"sort": {"a": 1}}),
         {"find": "people", "filter": {}, "sort": {"a": 1}}),
        (commands.find_first(*PLACE, {}, {"limit": 9}),
         {"find": "people", "filter": {}, "limit": 1, "singleBatch": True}),
        (commands.get_more(*PLACE, 5, EVERYTHING),
         {"getMore": 5, "collection": "people", "batchSize": 7, "comment": "why"}),
        (commands.kill_cursors(*PLACE, [5]),
         {"killCursors": "people", "cursors": [5]}),
        (commands.insert(*PLACE, [b""]), {"insert": "people"}),
        (commands.insert(*PLACE, [b""], EVERYTHING, ordered=False),
         {"insert": "people", "ordered": False, "maxTimeMS": 5, "comment": "why",
          "writeConcern": {"w": "majority"}}),
        (commands.update(*PLACE, commands.update_statement({"a": 1}, {"$inc": {}}),
                         EVERYTHING),
         {"update": "people", "updates": [{"q": {"a": 1}, "u": {"$inc": {}}}],
          "maxTimeMS": 5, "comment": "why", "writeConcern": {"w": "majority"},
          "let": {"x": 1}}),
        (commands.updates(*PLACE, [b""], ordered=False),
         {"update": "people", "ordered": False}),
        (commands.delete(*PLACE, commands.delete_statement({}, EVERYTHING, multi=True)),
         {"delete": "people", "deletes": [
             {"q": {}, "limit": 0, "collation": {"locale": "de"}, "hint": "a_1"}]}),
        (commands.deletes(*PLACE, [b""], ordered=False),
         {"delete": "people", "ordered": False}),
        (commands.find_and_modify(*PLACE, {}, None),
         {"findAndModify": "people", "query": {}, "remove": True}),
        (commands.find_and_modify(*PLACE, {}, {"a": 1}, EVERYTHING, new=True,
                                  upsert=True),
         {"findAndModify": "people", "query": {}, "update": {"a": 1}, "new": True,
          "upsert": True, "sort": {"a": 1}, "collation": {"locale": "de"},
          "arrayFilters": [{"x": 1}], "hint": "a_1", "let": {"x": 1}, "maxTimeMS": 5,
          "comment": "why", "writeConcern": {"w": "majority"}, "fields": {"a": 1}}),
        (commands.aggregate(*PLACE, [{"$match": {}}], {"batchSize": 3}),
         {"aggregate": "people", "pipeline": [{"$match": {}}],
          "cursor": {"batchSize": 3}}),
        (commands.aggregate("test", None, []),
         {"aggregate": 1, "pipeline": [], "cursor": {}}),
        (commands.count(*PLACE, {"a": 1}, {"skip": 1, "limit": 2}),
         {"aggregate": "people", "cursor": {}, "pipeline": [
             {"$match": {"a": 1}}, {"$skip": 1}, {"$limit": 2},
             {"$group": {"_id": 1, "n": {"$sum": 1}}}]}),
        (commands.estimated_count(*PLACE), {"count": "people"}),
        (commands.distinct(*PLACE, "a", {}), {"distinct": "people", "key": "a"}),
        (commands.distinct(*PLACE, "a", {"b": 1}, {"collation": {"locale": "de"}}),
         {"distinct": "people", "key": "a", "query": {"b": 1},
          "collation": {"locale": "de"}}),
        (commands.create_indexes(*PLACE, [{"key": {"a": 1}, "name": "a_1"}]),
         {"createIndexes": "people", "indexes": [{"key": {"a": 1}, "name": "a_1"}]}),
        (commands.list_indexes(*PLACE), {"listIndexes": "people", "cursor": {}}),
        (commands.drop_indexes(*PLACE, "*"), {"dropIndexes": "people", "index": "*"}),
        (commands.drop_indexes(*PLACE, ["a", "b"]),
         {"dropIndexes": "people", "index": ["a", "b"]}),
        (commands.drop(*PLACE), {"drop": "people"}),
        (commands.drop_database("test"), {"dropDatabase": 1}),
    ],
)  # fmt: skip
def test_body(command, body):
    """A command's body holds what is set, its name first, and nothing else."""
    assert body == command.body
    assert command.name == next(iter(body))
    assert command.database == "test"


MANY = commands.update_statement({}, {}, multi=True)
ONE = commands.update_statement({}, {})


@pytest.mark.parametrize(
    ("command", "writes", "retryable"),
    [
        (commands.find(*PLACE, {}), False, True),
        (commands.get_more(*PLACE, 5), False, False),
        (commands.kill_cursors(*PLACE, [5]), False, False),
        (commands.insert(*PLACE, [b""]), True, True),
        (commands.insert(*PLACE, [b""], {"writeConcern": {"w": 0}}), True, False),
        (commands.update(*PLACE, ONE), True, True),
        (commands.update(*PLACE, MANY), True, False),
        (commands.updates(*PLACE, [b""]), True, True),
        (commands.updates(*PLACE, [b""], multi=True), True, False),
        (commands.delete(*PLACE, {"q": {}, "limit": 1}), True, True),
        (commands.delete(*PLACE, {"q": {}, "limit": 0}), True, False),
        (commands.deletes(*PLACE, [b""], multi=True), True, False),
        (commands.find_and_modify(*PLACE, {}, None), True, True),
        (commands.aggregate(*PLACE, [{"$match": {}}]), False, True),
        (commands.aggregate(*PLACE, [{"$out": "x"}]), True, False),
        (commands.aggregate(*PLACE, [{"$merge": "x"}]), True, False),
        (commands.count(*PLACE, {}), False, True),
        (commands.distinct(*PLACE, "a", {}), False, True),
        (commands.list_indexes(*PLACE), False, True),
        (commands.create_indexes(*PLACE, []), True, False),
        (commands.drop(*PLACE), True, False),
    ],
)
def test_retryable(command, writes, retryable):
    """Only what the retry specifications name is retryable; writes are marked."""
    assert (writes, retryable) == (command.is_write, command.retryable)


def test_unacknowledged_writes_get_no_answer():
    """Write concern w: 0 is marked, so that the lane waits for nothing."""
    assert not commands.insert(*PLACE, [b""], {"writeConcern": {"w": 0}}).acknowledged
    assert commands.insert(*PLACE, [b""], {"writeConcern": {"w": 1}}).acknowledged


def test_output_stage_keeps_its_batch():
    """$out gets no batch size, with which it would write nothing."""
    found = commands.aggregate(*PLACE, [{"$out": "x"}], {**EVERYTHING, "batchSize": 0})

    assert found.body["cursor"] == {}
    assert found.body["writeConcern"] == {"w": "majority"}


def test_explain_moves_options_outwards():
    """Explain holds the command, without concerns, and its own time limit."""
    inner = commands.find(*PLACE, {"a": 1}, {"maxTimeMS": 5, "readConcern": {}})
    found = commands.explain(inner, "queryPlanner")

    assert found.body == {
        "explain": {"find": "people", "filter": {"a": 1}},
        "verbosity": "queryPlanner",
        "maxTimeMS": 5,
    }
    assert "maxTimeMS" in inner.body


def test_repr_shows_no_values():
    """A command's repr never shows the user's data."""
    assert "secret" not in repr(commands.find(*PLACE, {"password": "secret"}))
