"""The rule language and its engine: start at `load.load_bundle`, which gives a `bundle.Bundle`."""
