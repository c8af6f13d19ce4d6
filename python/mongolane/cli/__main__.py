"""``python -m mongolane.cli``."""

from . import main

main()
