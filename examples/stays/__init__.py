"""
Places to stay: a FastAPI application on Airbnb-shaped listings.

``python -m examples.stays`` serves it with data in it; ``examples.stays.app:app`` is
the application for any ASGI server.
"""
