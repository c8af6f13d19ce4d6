"""An async object-document mapper for MongoDB, made for FastAPI."""
