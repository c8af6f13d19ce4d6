"""
What tests share: pytest plug-ins, one subject a file, loaded by ``tests/conftest.py``.
"""
