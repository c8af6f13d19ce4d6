"""
A motormongo application, as its documentation shows one; only the import is another.

Run it with ``uvicorn examples.article:app`` beside a server, for example
``mongolane serve``, and open http://127.0.0.1:8000/users/?active=true.
"""

from fastapi import FastAPI, HTTPException

from mongolane import BooleanField, DataBase, Document, StringField


class User(Document):
    name = StringField(required=True)
    active = BooleanField()


app = FastAPI()


@app.on_event("startup")
async def connect() -> None:
    await DataBase.connect(uri="mongodb://localhost:27017/", db="testdb")


@app.get("/users/")
async def users_by_state(active: bool):  # type: ignore[no-untyped-def]
    users = await User.find_many({"active": active})
    if not users:
        raise HTTPException(status_code=404, detail="there are no such users")
    return [user.to_dict() for user in users]
