"""Lets `python -m safety` do what `safety-gate` does."""

from safety.cli import main

if __name__ == "__main__":
    main()
