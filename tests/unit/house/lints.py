"""Rules of this house that no linter knows, as functions from a syntax tree to findings."""

import ast
import re
from collections.abc import Iterator
from typing import TypeGuard

from tests.unit.house.sources import Finding, full_name, imported_names, imports, named_uses

CLOCKS = frozenset(
    {
        "time.time",
        "time.time_ns",
        "datetime.datetime.now",
        "datetime.datetime.utcnow",
        "datetime.datetime.today",
        "datetime.date.today",
    }
)
# These run code that a file brings along, or may.
CODE_LOADING_MODULES = frozenset(
    {"pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
)
CODE_LOADING_NAMES = frozenset(
    {
        "torch.load",
        "pandas.read_pickle",
        "yaml.unsafe_load",
        "yaml.unsafe_load_all",
        "yaml.full_load",
        "yaml.UnsafeLoader",
        "yaml.FullLoader",
        "yaml.Loader",
    }
)
CODE_RUNNING = frozenset({".eval", ".exec", ".compile", "builtins.eval", "builtins.exec"})
LOGGERS = frozenset({"log", "logger", "_log", "_logger"})
LOG_METHODS = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical"})
EXCEPTION = re.compile(
    r"#?\s*(ruff: )?noqa(: [A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)*)?|#?\s*type: ignore(\[[a-z, -]+\])?"
)
SHORTEST_REASON = 4
LOG_EVENT = re.compile(r"[a-z][a-z0-9_.]*")
SECRET_FIELDS = frozenset(
    {
        "api_key",
        "authorization",
        "bio",
        "body",
        "content",
        "cookie",
        "csrf",
        "email",
        "headers",
        "ip",
        "password",
        "payload",
        "pepper",
        "query",
        "secret",
        "text",
        "token",
    }
)
# With a seed, these repeat themselves and are not chance; nothing else of their modules does.
SEEDED = frozenset(
    {"random.Random"}
    | {f"numpy.random.{name}" for name in ("Generator", "SeedSequence", "PCG64", "default_rng")}
)
CHANCE = ("random.", "numpy.random.")


def commits(tree: ast.AST) -> Iterator[Finding]:
    """Calls of `commit()`: transactions end where the store says so."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _last_name(node.func) == "commit":
            yield Finding(node.lineno, "commit() outside the store")


def clocks_and_chance(tree: ast.AST) -> Iterator[Finding]:
    """Reads of the wall clock or of chance: both arrive as arguments, or from a seed."""
    for name, line in named_uses(tree):
        if name in CLOCKS:
            yield Finding(line, f"{name} is read here; take the time as an argument")
        elif name.startswith(CHANCE) and name not in SEEDED:
            yield Finding(line, f"{name} draws from a generator that everybody shares")
    names = imported_names(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or node.args or node.keywords:
            continue
        made = full_name(node.func, names)
        if made in SEEDED:
            yield Finding(node.lineno, f"{made}() without a seed")


def _log_calls(tree: ast.AST, methods: frozenset[str]) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner = node.func.value
        name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", None)
        if node.func.attr in methods and name in LOGGERS:
            yield node


def log_events(tree: ast.AST) -> Iterator[Finding]:
    """Log calls whose event is not a fixed word: values belong in fields."""
    for call in _log_calls(tree, LOG_METHODS):
        event = call.args[0] if call.args else None
        if not isinstance(event, ast.Constant) or not isinstance(event.value, str):
            yield Finding(call.lineno, "the event of a log line is a fixed word")
        elif not LOG_EVENT.fullmatch(event.value):
            yield Finding(call.lineno, "the event of a log line is in snake_case")


def log_fields(tree: ast.AST, personal: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """Log fields that are named after, or are, content, secrets or personal data."""
    refused = SECRET_FIELDS | personal
    for call in _log_calls(tree, LOG_METHODS | {"bind", "new"}):
        for keyword in call.keywords:
            said = {keyword.arg, _last_name(keyword.value)} & refused
            if said:
                yield Finding(call.lineno, f"{min(said, key=str)} must not be logged")


def _last_name(node: ast.AST) -> str | None:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", None)


def code_loaders(tree: ast.AST, *, may_compile: bool = False) -> Iterator[Finding]:
    """Ways to run what a file or a user says. `may_compile` lets `compile` and `exec` through."""
    for module, line in imports(tree):
        if module.split(".")[0] in CODE_LOADING_MODULES:
            yield Finding(line, f"{module} runs code that a file brings along")
    harmless = {node.func.lineno for node in ast.walk(tree) if _loads_weights_only(node)}
    for name, line in named_uses(tree):
        if name == "torch.load" and line in harmless:
            continue
        if name in CODE_LOADING_NAMES:
            yield Finding(line, f"{name} may run code that a file brings along")
        elif name in CODE_RUNNING and not (may_compile and name in {".exec", ".compile"}):
            yield Finding(line, f"{name.lstrip('.')} runs text as code")
    for node in ast.walk(tree):
        if not isinstance(node, ast.keyword) or node.arg != "allow_pickle":
            continue
        if not (isinstance(node.value, ast.Constant) and node.value.value is False):
            yield Finding(node.value.lineno, "allow_pickle runs code that a file brings along")


def _loads_weights_only(node: ast.AST) -> TypeGuard[ast.Call]:
    """Whether a call says that nothing but numbers may be in what it loads."""
    return isinstance(node, ast.Call) and any(
        word.arg == "weights_only"
        and isinstance(word.value, ast.Constant)
        and word.value.value is True
        for word in node.keywords
    )


def opening_line(tree: ast.Module) -> Iterator[Finding]:
    """Modules that do not open with one sentence on what they are for."""
    docstring = ast.get_docstring(tree, clean=False)
    first = docstring.split("\n")[0] if docstring else ""
    if not first.rstrip().endswith((".", "?", "!")):
        yield Finding(1, "the module does not open with one line that says what it is for")


def unreasoned(source: str) -> Iterator[Finding]:
    """Exceptions from a lint without a reason, on their line or in a comment right above."""
    above = ""
    for number, line in enumerate(source.splitlines(), start=1):
        if EXCEPTION.search(line):
            reason = EXCEPTION.sub("", line.partition("#")[2]).strip(" #-:;,.")
            if len(reason) < SHORTEST_REASON and not above.lstrip().startswith("#"):
                yield Finding(number, "an exception from a lint carries its reason")
        above = line
