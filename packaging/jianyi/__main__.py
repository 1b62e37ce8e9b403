"""`python -m jianyi` is the same as `jianyi`."""

from jianyi import main

main()
