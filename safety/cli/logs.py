"""What becomes of log events: JSON lines from the service, silence from the other commands."""

import logging
import sys
import threading

import structlog

from safety.cli.redaction import place, without_exception_texts, without_secrets

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
_LONGEST = 200


def quiet() -> None:
    """Say nothing: what a command found it prints itself, in words."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def json_lines(level: str) -> None:
    """One JSON object per event on standard output; `level` is the least severe that is written.

    What libraries and dying threads have to say joins them, from warnings upwards.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            without_exception_texts,
            without_secrets,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Libraries()], level=logging.WARNING, force=True)
    threading.excepthook = _thread_died


class _Libraries(logging.Handler):
    """Turns what libraries log into events: the pattern of a message, never what is put into it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one message. Later lines of it are left out: they quote tracebacks and objects."""
        pattern = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        structlog.get_logger().log(
            record.levelno,
            "library_message",
            library=record.name,
            message=pattern.strip().partition("\n")[0][:_LONGEST],
            exc_info=record.exc_info,
        )


def _thread_died(died: threading.ExceptHookArgs) -> None:
    structlog.get_logger().error(
        "thread_died",
        thread=died.thread.name if died.thread else "",
        error=died.exc_type.__name__,
        **place(died.exc_traceback),
    )
