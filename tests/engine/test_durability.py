"""What a folder keeps."""

import threading

import pymongo
import pymongo.errors


def test_acknowledged_writes_survive_a_kill(start, tmp_path):
    """Every write that was acknowledged is there after the engine was killed."""
    engine = start(tmp_path)
    acknowledged = [[] for _ in range(4)]

    def work(writer):
        client = engine.client(retryWrites=False)
        try:
            for number in range(1_000_000):
                client.t.c.insert_one({"_id": f"{writer}-{number}"})
                acknowledged[writer].append(f"{writer}-{number}")
        except pymongo.errors.PyMongoError:
            pass
        finally:
            client.close()

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    while min(map(len, acknowledged)) < 20:
        assert any(thread.is_alive() for thread in threads)
    engine.kill()
    for thread in threads:
        thread.join()
    with start(tmp_path).client() as client:
        found = {d["_id"] for d in client.t.c.find()}

    assert {one for some in acknowledged for one in some} <= found


def test_all_kinds_of_change_are_kept(start, tmp_path):
    """Updates, deletes, indexes, renames and drops are there after a restart."""
    engine = start(tmp_path)
    with engine.client() as client:
        client.t.c.insert_many({"_id": i, "n": i} for i in range(10))
        client.t.c.create_index("n", unique=True)
        client.t.c.update_one({"_id": 1}, {"$set": {"n": 100}})
        client.t.c.delete_one({"_id": 2})
        client.t.old.insert_one({"_id": 1})
        client.t.old.rename("new")
        client.t.gone.insert_one({})
        client.t.gone.drop()
        client.other.c.insert_one({})
        client.drop_database("other")
    engine.kill()
    with start(tmp_path).client() as client:
        assert [0, 100, *range(3, 10)] == [d["n"] for d in client.t.c.find()]
        assert client.t.c.index_information()["n_1"]["unique"]
        assert ["c", "new"] == sorted(client.t.list_collection_names())
        assert ["t"] == client.list_database_names()
        client.t.c.insert_one({"_id": 10, "n": 10})
        assert 10 == list(client.t.c.find())[-1]["_id"]


def test_a_folder_has_one_engine(start, tmp_path):
    """A second engine on the same folder says that it is in use."""
    start(tmp_path)
    second = start(tmp_path)

    assert "" == second.uri
    assert "in use" in second.stop()


def test_a_proper_stop(start, tmp_path):
    """An engine that is told to stop does so at once, clients or not."""
    engine = start(tmp_path)
    with engine.client() as client:
        client.t.c.insert_one({"_id": 1})
        engine.stop()

    assert 0 == engine.process.returncode
    with start(tmp_path).client() as client:
        assert {"_id": 1} == client.t.c.find_one()


def test_a_unix_socket(start, tmp_path):
    """An engine on a Unix socket serves, and leaves no file behind."""
    socket = tmp_path / "engine.sock"
    engine = start(unix=socket)
    with engine.client() as client:
        client.t.c.insert_one({"_id": 1})
        assert {"_id": 1} == client.t.c.find_one()
        assert str(socket) == client.admin.command("hello")["me"]
    engine.stop()

    assert not socket.exists()
