"""
Real, dirty data, imported as a person would, asked on the engine and on a real server.
"""
