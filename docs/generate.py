"""Writes the generated parts of these pages: settings, limits, metrics, codes, recipes, the API."""
# ruff: noqa: INP001  a script beside the pages it writes, not a package

import json
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import FastAPI
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from safety.app import create_app
from safety.config import PREFIX, Settings
from safety.ruleset.codes import codes_table
from safety.web.limits import POLICIES

DOCS = Path(__file__).resolve().parent
RECIPES = sorted((DOCS / "recipes").glob("[0-9]*.yaml"))


def settings_table() -> str:
    """Every setting with its default and its meaning, as a Markdown table."""
    rows = ["| name | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        rows.append(f"| `{PREFIX}{name.upper()}` | {_shown(field)} | {field.description} |")
    return "\n".join(rows)


def _shown(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "empty" if field.default_factory in {list, dict} else "as shipped"
    text = "" if field.default is None else str(field.default)
    return f"`{text}`" if text else "unset"


def limits_table() -> str:
    """Every limit by address with its rate and its reason, as a Markdown table."""
    rows = ["| name | rate | because |", "|---|---|---|"]
    rows += [f"| `{name}` | {each.rate} | {each.why} |" for name, each in POLICIES.items()]
    return "\n".join(rows)


def metrics_table(app: FastAPI) -> str:
    """Every metric as `/metrics` names it, with its labels and meaning, as a Markdown table."""
    rows = ["| name | kind | by | meaning |", "|---|---|---|---|"]
    for family in app.state.services.metrics.registry.collect():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = ", ".join(f"`{label}`" for label in _labels(app, family.name))
        rows.append(f"| `{name}` | {family.type} | {labels} | {family.documentation} |")
    return "\n".join(rows)


def _labels(app: FastAPI, name: str) -> tuple[str, ...]:
    # The registry tells the labels of a metric only once it has been counted.
    collector = app.state.services.metrics.registry._names_to_collectors[name]  # noqa: SLF001
    return tuple(getattr(collector, "_labelnames", ()))


def api_document(app: FastAPI) -> str:
    """The OpenAPI document, as it lies beside these pages."""
    return json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"


def filled(page: str, mark: str, table: str) -> str:
    """A page with the part between two marks replaced. Raises `ValueError` without the marks."""
    between = re.compile(rf"(<!-- {mark}: [^>]* -->\n).*?(<!-- {mark} end -->)", re.DOTALL)
    written, count = between.subn(lambda found: f"{found[1]}{table.rstrip()}\n{found[2]}", page)
    if count != 1:
        raise ValueError(f"the page has no place for its {mark}")
    return written


def recipes() -> str:
    """Every recipe with its heading and its text, in the order of the files' names."""
    return "\n".join(_recipe(path.read_text("utf-8")) for path in RECIPES)


def _recipe(text: str) -> str:
    """A recipe's leading comment as prose, and the rest as it is."""
    lines = text.splitlines()
    count = next(n for n, line in enumerate(lines) if not line.startswith("#"))
    title, *prose = (line.removeprefix("#").strip() for line in lines[:count])
    rule = "\n".join(lines[count:])
    return "\n".join([f"## {title}", *prose, "", f"```yaml\n{rule}\n```", ""])


def pages() -> dict[Path, str]:
    """What every generated file should contain, from the defaults and not from the environment."""
    with TemporaryDirectory() as folder:
        app = create_app(Settings.model_construct(data_dir=Path(folder))).inner
        operate = (DOCS / "operate.md").read_text(encoding="utf-8")
        operate = filled(operate, "settings", settings_table())
        operate = filled(operate, "limits", limits_table())
        rules = (DOCS / "rules.md").read_text(encoding="utf-8")
        cookbook = (DOCS / "cookbook.md").read_text(encoding="utf-8")
        return {
            DOCS / "operate.md": filled(operate, "metrics", metrics_table(app)),
            DOCS / "rules.md": filled(rules, "codes", codes_table()),
            DOCS / "cookbook.md": filled(cookbook, "recipes", recipes()),
            DOCS / "openapi.json": api_document(app),
        }


def main() -> None:
    """Write what changed."""
    for path, content in pages().items():
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.write_text(content, encoding="utf-8")
            sys.stdout.write(f"wrote {path.name}\n")


if __name__ == "__main__":
    main()
