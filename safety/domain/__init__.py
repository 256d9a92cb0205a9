"""The words of the house as frozen values, errors and ports. No I/O happens here."""
