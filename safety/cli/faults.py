"""Expected faults in one plain sentence each, so that nobody has to read a traceback."""

from sqlalchemy.exc import OperationalError

from safety.cli.ground import UnpreparedError
from safety.config import ConfigurationError
from safety.demo.door import NoAnswerError
from safety.demo.labelled import UnreadableFileError
from safety.domain.errors import SafetyError
from safety.gates.fingerprint_file import BlocklistFileError
from safety.ruleset.findings import RuleFileError


def sentence(error: Exception) -> str | None:
    """What to tell the operator, or None when the fault is ours and its traceback is needed."""
    if isinstance(error, SafetyError):
        return error.detail
    if isinstance(
        error,
        (
            BlocklistFileError,
            ConfigurationError,
            NoAnswerError,
            RuleFileError,
            UnpreparedError,
            UnreadableFileError,
        ),
    ):
        return str(error)
    if isinstance(error, OperationalError):
        return f"The database does not answer ({error.orig}). Run `safety-gate doctor`."
    if isinstance(error, OSError) and error.filename:
        return f"Cannot use {error.filename}: {error.strerror}."
    return None
