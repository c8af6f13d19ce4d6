"""A shop in field objects, by motormongo's methods and by ours."""

# ruff: noqa: E712, PT018

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime
from enum import Enum
from typing import Any, assert_type

from mongolane import (
    BinaryField,
    BooleanField,
    DataBase,
    DateTimeField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EnumField,
    Field,
    FloatField,
    GeoJSONField,
    IntegerField,
    ListField,
    Path,
    Reference,
    ReferenceField,
    StringField,
    desc,
)
from mongolane.expressions import Filter, Order, Point


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Size(EmbeddedDocument, init=False):
    width = IntegerField(min_value=1)
    height = IntegerField(min_value=1)


class Brand(Document, init=False):
    name = StringField(required=True, unique=True)


def digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


class Product(Document, init=False):
    name = StringField(required=True, max_length=50)
    price = FloatField(min_value=0.0, default=1.0)
    stock = IntegerField(default=0)
    live = BooleanField(default=True)
    added = DateTimeField(auto_now_add=True)
    colour = EnumField(Colour, default=Colour.RED)
    size = EmbeddedDocumentField(Size)
    tags = ListField(StringField())
    sizes = ListField(EmbeddedDocumentField(Size))
    where = GeoJSONField()
    brand = ReferenceField(Brand)
    secret = BinaryField(hash_function=digest)
    loose = Field()

    class Meta:
        collection = "products"
        created_at_timestamp = True


async def main() -> None:
    await DataBase.connect(uri="embedded://", db="p02")
    brand = await Brand.insert_one(name="B")
    assert_type(brand, Brand)
    product = Product(
        name="Cup",
        price=2.5,
        size=Size(width=1, height=2),
        tags=["a"],
        sizes=[Size(width=3, height=3)],
        where=[1.0, 2.0],
        brand=brand,
        secret="x",
    )
    await product.save()
    assert_type(Product.name, Path[str])
    assert_type(product.name, str)
    assert_type(product.stock, int)
    assert_type(product.price, float)
    assert_type(product.live, bool)
    assert_type(product.tags, list[str])
    assert_type(product.sizes, list[Size])
    assert_type(product.size, Size)
    print(product.added.year, type(product.added))
    assert_type(product.added, datetime)
    assert_type(product.brand, Reference[Brand])
    got = await product.brand
    assert_type(got, Brand | None)
    assert got is not None and got.name == "B"
    product.brand = brand
    product.brand = brand.id
    product.name = "Mug"
    product.tags.append("b")
    product.sizes[0].width = 7
    product.size.width = 9
    product.where = Point(1.0, 2.0)
    await product.save()
    filters: list[Filter] = [
        Product.name == "Mug",
        Product.price > 1,
        Product.stock <= 0,
        Product.live == True,
        Product.colour == Colour.RED,
        Product.tags == "a",
        Product.tags.contains("b"),
        Product.size.width == 9,
        Product.sizes.width == 7,
        Product.brand == brand.id,
        Product.brand == brand,
        Product.name.in_(["Mug"]),
        Product.tags.size(2),
    ]
    for each in filters:
        assert await Product.find(each).count() == 1, each
    order: Order = Product.price.desc()
    for p in await Product.find(Product.stock == 0).sort(order, desc(Product.name)):
        print(p.name.upper(), p.stock + 1)
    found = await Product.find_one({"name": "Mug"})
    assert_type(found, Product | None)
    many = await Product.find_many({"live": True}, limit=3)
    assert_type(many, list[Product])
    updated = await Product.update_one({"name": "Mug"}, {"stock": 5})
    assert_type(updated, Product | None)
    docs, n = await Product.update_many({"stock": 5}, {"stock": 6})
    assert_type(docs, list[Product])
    assert_type(n, int)
    made, ids = await Product.insert_many([{"name": "A"}, {"name": "B"}])
    assert_type(made, list[Product])
    assert_type(ids, list[Any])
    one, created = await Product.find_one_or_create({"name": "C"}, {"stock": 1})
    assert_type(one, Product)
    assert_type(created, bool)
    replaced = await Product.find_one_and_replace({"name": "C"}, {"name": "D"})
    assert_type(replaced, Product | None)
    gone = await Product.find_one_and_delete(name="D")
    assert_type(gone, Product)
    assert_type(await Product.delete_one(name="A"), bool)
    assert_type(await Product.delete_many({}), int)
    rows = Product.aggregate([{"$match": {"stock": 6}}])
    async for row in rows:
        print(row)
    assert_type(product.to_dict(), dict[str, Any])
    assert_type(product.to_json(), str)
    print(Product.get_collection_name())
    await DataBase.close()


if __name__ == "__main__":
    asyncio.run(main())
