"""Writes small rule folders for tests: some features, a policy, a fixture and the rules given."""

from pathlib import Path

from safety.ruleset.bundle import Bundle
from safety.ruleset.findings import RuleFileError
from safety.ruleset.load import load_bundle

AT = 1_800_000_000.0

FEATURES = """\
event_types:
  post: {fail: open, queue: content, description: something is published}
  comment: {fail: open, queue: content, description: something is said under it}
  signup: {fail: challenge, queue: accounts, description: somebody wants an account}
features:
  actor.id: {type: entity, source: event, description: who}
  actor.account_age: {type: duration, source: derived, description: age}
  actor.created_at: {type: time, source: event, description: when}
  actor.email_verified: {type: bool, source: event, description: confirmed}
  actor.verified: {type: bool, source: event, description: vouched for}
  actor.followers: {type: int, source: event, description: followers}
  actor.following: {type: int, source: event, description: following}
  actor.reputation: {type: float, source: event, description: trust}
  actor.email: {type: string, source: event, events: [signup], description: address}
  actor.labels: {type: "list[string]", source: state, labels_of: actor.id, description: labels}
  content.text: {type: string, source: event, description: text}
  content.text_folded: {type: string, source: derived, description: text made plain}
  content.link_domain: {type: entity, source: derived, description: domain}
  content.link_domains: {type: "list[string]", source: derived, description: domains}
  content.thread_id: {type: entity, source: event, description: thread}
  content.links: {type: int, source: derived, description: links}
  net.ip: {type: entity, source: event, description: address}
  net.country: {type: string, source: event, description: country}
  score.spam: {type: float, source: model, description: spam}
"""

POLICIES = "spam.commercial: {title: Spam, text: No spam here., message: This looks like spam.}\n"

FIXTURES = """\
post:
  {actor.id: u_1, actor.account_age: 400d, actor.email_verified: true, content.text: hello there,
   content.links: 0, net.ip: 203.0.113.9, score.spam: 0.02}
"""

LISTS = {
    "shorteners": "# short links\nbit.ly\nis.gd ; source=ops\nold.example ; until=2020-01-01\n",
    "words": "casino\nfree money\n",
    "networks": "198.51.100.0/24\n2001:db8::/32\n",
}


def a_rule(
    *when: str,
    rule: str = "a-rule",
    events: str = "[post]",
    then: str = "{verdict: hold}",
    unless: tuple[str, ...] = (),
    more: str = "",
) -> str:
    """One rule document; conditions are quoted here."""
    lines = "".join(f"  - {_quoted(line)}\n" for line in when)
    exclusions = f"unless: [{', '.join(map(_quoted, unless))}]\n" if unless else ""
    return (
        f"rule: {rule}\ntitle: a title\nowner: somebody\npolicy: spam.commercial\n"
        f"events: {events}\n"
        f"when:\n{lines}{exclusions}then: {then}\n{more}"
    )


def _quoted(line: str) -> str:
    return "'" + line.replace("'", "''") + "'"


def write_folder(folder: Path, *documents: str, **files: str) -> Path:
    """A rule folder with these documents in rules.yaml; `files` replace the others by stem."""
    (folder / "lists").mkdir(parents=True, exist_ok=True)
    texts = {"features": FEATURES, "policies": POLICIES, "fixtures": FIXTURES} | files
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    for name, text in LISTS.items():
        (folder / "lists" / f"{name}.txt").write_text(text, "utf-8")
    (folder / "rules.yaml").write_text("---\n".join(documents), "utf-8")
    return folder


def load(folder: Path, *documents: str, **files: str) -> Bundle:
    """The bundle of these documents."""
    return load_bundle([write_folder(folder, *documents, **files)], at=AT)


def refusal(folder: Path, *documents: str, **files: str) -> RuleFileError:
    """The error that these documents are refused with."""
    try:
        load(folder, *documents, **files)
    except RuleFileError as error:
        return error
    raise AssertionError("the rules were accepted")
