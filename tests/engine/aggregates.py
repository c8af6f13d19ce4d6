"""
What the tests of aggregation share: pipelines run on a server, results with types.
"""

import pymongo


def exact(value):
    """
    A value with the types of all its parts, so that a long is not an int.
    """
    if isinstance(value, dict):
        return [(key, exact(part)) for key, part in sorted(value.items())]
    if isinstance(value, list):
        return [exact(part) for part in value]
    return type(value).__name__, value


def evaluate(database, document, expression):
    """
    What an expression gives for one document.
    """
    database.one.drop()
    database.one.insert_one({"_id": 1, **document})
    reshaped = {"$project": {"_id": 0, "result": expression}}
    return next(database.one.aggregate([reshaped])).get("result", "missing")


def refusal(collection, pipeline):
    """
    The code that a pipeline is refused with.
    """
    try:
        list(collection.aggregate(pipeline))
    except pymongo.errors.OperationFailure as error:
        return error.code
    return None
