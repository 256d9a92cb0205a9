"""Plug-ins of other services, told our address: they find what they expect."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safety.assets import shipped
from safety.domain.access import Scope
from safety.web.facades.akismet_form import Submission
from tests.e2e.conftest import Api, bearer
from tests.e2e.plug_ins import (
    AkismetClient,
    AkismetTrouble,
    PerspectiveClient,
    PerspectiveError,
)
from tests.live import a_key

SPAM = (
    "FREE casino bonus!!! Win $$$ now, click https://casino-win.example/bonus and claim your prize"
)
HAM = "Thank you for the route, we will try it on Sunday with the children."


@pytest.fixture(scope="module")
def plug_in_key(api: Api) -> str:
    return a_key(api.settings, scopes=[Scope.TEXTS])


@pytest.fixture(scope="module")
def akismet(api: Api, plug_in_key: str) -> AkismetClient:
    refresh(api)
    return AkismetClient(api.client, plug_in_key)


@pytest.fixture(scope="module")
def perspective(api: Api, plug_in_key: str) -> PerspectiveClient:
    refresh(api)
    return PerspectiveClient(api.client, plug_in_key)


def refresh(api: Api) -> None:
    """Let the service see keys that were just made."""
    api.client.app.inner.state.services.keyring.refresh()  # type: ignore[attr-defined]


def decision(api: Api, guid: str) -> dict[str, Any]:
    found: dict[str, Any] = api.client.get(f"/v1/decisions/{guid}", headers=api.headers).json()
    return found


needs_abuse = pytest.mark.skipif(
    not (shipped("models") / "abuse").is_dir(), reason="no abuse model is shipped"
)


# Akismet


def test_a_key_is_verified_and_a_wrong_one_is_not(api: Api, akismet: AkismetClient) -> None:
    assert akismet.verify()
    for wrong in ("", "123YourAPIKey", akismet.key[:-1] + "0", api.user_key):
        assert not AkismetClient(api.client, wrong).verify()


def test_spam_is_true_and_a_comment_is_false_and_both_are_decisions(
    api: Api, akismet: AkismetClient
) -> None:
    spam = akismet.check(comment_content=SPAM, comment_author="winner", comment_type="comment")
    ham = akismet.check(
        comment_content=HAM,
        comment_author="Mia",
        comment_author_email="mia@mail.example",
        permalink="https://blog.example/canal",
        blog_lang="en",
        user_agent="Mozilla/5.0",
    )
    assert (spam.is_spam, ham.is_spam) == (True, False)
    found = decision(api, ham.guid)["event"]
    assert found["type"] == "comment"
    assert found["content"] == {"text": HAM, "language": "en"}
    assert found["actor"]["name"] == "Mia"
    assert found["target"]["id"] == "https://blog.example/canal"
    assert found["net"] == {"ip": "203.0.113.9", "user_agent": "Mozilla/5.0"}


def test_the_same_comment_twice_is_two_events_because_repeating_is_a_sign(
    akismet: AkismetClient,
) -> None:
    first, second = akismet.check(comment_content=HAM), akismet.check(comment_content=HAM)
    assert first.guid != second.guid


def test_what_a_plug_in_reports_becomes_the_outcome_that_models_learn_from(
    api: Api, akismet: AkismetClient
) -> None:
    checked = akismet.check(comment_content=HAM)
    akismet.submit("spam", comment_content=HAM, guid=checked.guid)
    akismet.submit("spam", comment_content=HAM, guid=checked.guid)
    found = decision(api, checked.guid)["amendments"]
    assert [(each["outcome"], each["model"]) for each in found] == [("confirmed_abuse", "spam")]


@pytest.mark.parametrize("guid", ["", "dec_of-another-service", "x" * 500])
def test_a_report_without_a_check_is_kept_once_with_its_text(
    api: Api, akismet: AkismetClient, guid: str
) -> None:
    comment = {"comment_content": f"missed by somebody else {len(guid)}", "guid": guid}
    akismet.submit("ham", **comment)
    akismet.submit("ham", **comment)
    submission = Submission({"blog": akismet.blog, "user_ip": "203.0.113.9"} | comment)
    event = submission.event(f"submitted-{submission.fingerprint()}")
    again = api.client.post("/v1/decisions", json=event, headers=api.headers).json()
    found = decision(api, again["id"])
    assert [each["outcome"] for each in found["amendments"]] == ["confirmed_fine"]


def test_tests_of_integrators_get_the_promised_answers_and_leave_nothing(
    akismet: AkismetClient,
) -> None:
    always = akismet.check(comment_author="viagra-test-123", comment_content=HAM)
    address = akismet.check(comment_author_email="akismet-guaranteed-spam@example.com")
    never = akismet.check(user_role="administrator", comment_content=SPAM)
    tried = akismet.check(is_test="1", comment_content=SPAM)
    assert [each.is_spam for each in (always, address, never, tried)] == [True, True, False, True]
    assert [each.guid for each in (always, address, never, tried)] == [""] * 4
    akismet.submit("ham", is_test="true", comment_content=SPAM)


def test_a_plug_in_hears_what_is_missing(api: Api, akismet: AkismetClient) -> None:
    with pytest.raises(AkismetTrouble, match='Empty "user_ip" value'):
        akismet.check(comment_content=HAM, user_ip="")
    with pytest.raises(AkismetTrouble, match="verify your API key"):
        AkismetClient(api.client, "no-key").check(comment_content=HAM)


def test_a_key_that_may_decide_may_not_check_for_plug_ins(api: Api) -> None:
    with pytest.raises(AkismetTrouble, match="verify your API key"):
        AkismetClient(api.client, api.user_key).check(comment_content=HAM)


def test_a_body_that_is_no_form_is_refused_in_words(api: Api, akismet: AkismetClient) -> None:
    answer = api.client.post("/1.1/comment-check", json={"api_key": akismet.key})
    assert (answer.status_code, answer.text) == (400, "error")
    assert answer.headers["x-akismet-error"] == "400"
    many = "&".join(f"a{number}=1" for number in range(1_500))
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert api.client.post("/1.1/comment-check", content=many, headers=form).status_code == 400


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.dictionaries(
        st.sampled_from(
            ["comment_content", "comment_author", "comment_author_email", "comment_type",
             "permalink", "blog_lang", "user_ip", "user_ID", "user_agent", "comment_post_ID"]
        ),
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60),
    )
)  # fmt: skip
def test_any_comment_gets_one_of_the_two_words(
    akismet: AkismetClient, comment: dict[str, str]
) -> None:
    if not comment.get("user_ip", "x").strip(" \t\n\r\x0b\x0c\0\x1c\x1d\x1e\x1f\x85\xa0"):
        return
    try:
        akismet.check(**comment)
    except AkismetTrouble as trouble:
        assert "user_ip" in str(trouble)  # noqa: PT017  white space of any kind is no address


# Perspective


def test_spam_scores_higher_than_a_comment(perspective: PerspectiveClient) -> None:
    assert perspective.score(SPAM, "SPAM") > 0.9
    assert perspective.score(HAM, "SPAM") < 0.2


def test_the_answer_has_the_shape_that_clients_read(perspective: PerspectiveClient) -> None:
    found = perspective.analyze(
        HAM, "SPAM", languages=["en"], clientToken="t-1", doNotStore=True, sessionId="s"
    )
    assert found["languages"] == ["en"]
    assert found["clientToken"] == "t-1"
    scores = found["attributeScores"]["SPAM"]
    assert [(each["begin"], each["end"]) for each in scores["spanScores"]] == [(0, len(HAM))]
    assert scores["spanScores"][0]["score"] == scores["summaryScore"]


def test_sentences_are_scored_one_by_one_when_asked(perspective: PerspectiveClient) -> None:
    text = f"{HAM} {SPAM}"
    found = perspective.analyze(text, "SPAM", spanAnnotations=True)
    spans = found["attributeScores"]["SPAM"]["spanScores"]
    assert "".join(text[each["begin"] : each["end"]] for each in spans) == text
    values = [each["score"]["value"] for each in spans]
    assert values[0] < max(values)


def test_a_text_of_many_sentences_is_bounded(perspective: PerspectiveClient) -> None:
    found = perspective.analyze("a. " * 5_000, "SPAM", spanAnnotations=True)
    spans = found["attributeScores"]["SPAM"]["spanScores"]
    assert len(spans) == 100
    assert spans[-1]["end"] == 15_000


def test_scores_below_the_asked_threshold_are_left_out(perspective: PerspectiveClient) -> None:
    asked = {"SPAM": {"scoreThreshold": 0.8, "scoreType": "PROBABILITY"}}
    assert perspective.analyze(HAM, requestedAttributes=asked)["attributeScores"] == {}
    assert set(perspective.analyze(SPAM, requestedAttributes=asked)["attributeScores"]) == {"SPAM"}


@needs_abuse
def test_attributes_that_one_score_stands_for_are_named(perspective: PerspectiveClient) -> None:
    found = perspective.analyze(HAM, "TOXICITY", "INSULT", "SEVERE_TOXICITY_EXPERIMENTAL")
    values = [each["summaryScore"]["value"] for each in found["attributeScores"].values()]
    assert len(values) == 3
    assert len(set(values)) == 1
    assert found["headers"]["x-safety-gate-approximate"] == "INSULT, SEVERE_TOXICITY_EXPERIMENTAL"


def refused(call: Any) -> PerspectiveError:
    with pytest.raises(PerspectiveError) as error:
        call()
    return error.value


def test_errors_are_told_as_clients_know_them(api: Api, perspective: PerspectiveClient) -> None:
    empty = refused(lambda: perspective.analyze("  ", "SPAM"))
    assert (empty.code, empty.status, empty.kinds) == (400, "INVALID_ARGUMENT", ["COMMENT_EMPTY"])
    long = refused(lambda: perspective.analyze("é" * 15_000, "SPAM"))
    assert long.kinds == ["COMMENT_TOO_LONG"]
    unknown = refused(lambda: perspective.analyze(HAM, "FLIRTATION"))
    assert str(unknown) == "Unknown requested attribute: FLIRTATION"
    strange = refused(lambda: perspective.analyze(HAM, "SPAM", languages=["en", "sw"]))
    assert strange.kinds == ["LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"]
    assert str(strange) == "Attribute SPAM does not support request languages: sw"
    none = refused(lambda: PerspectiveClient(api.client, None).analyze(HAM))
    assert (none.code, none.status) == (403, "PERMISSION_DENIED")
    wrong = refused(lambda: PerspectiveClient(api.client, "AIza-not-ours").analyze(HAM))
    assert (wrong.code, wrong.kinds) == (400, ["API_KEY_INVALID"])
    narrow = refused(lambda: PerspectiveClient(api.client, api.user_key).analyze(HAM))
    assert (narrow.code, narrow.status) == (403, "PERMISSION_DENIED")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"comment": {"text": HAM}},
        {"comment": {"text": HAM}, "requestedAttributes": {}},
        {"comment": {"text": HAM, "language": "en"}, "requestedAttributes": {"SPAM": {}}},
        {"comment": {"text": 5}, "requestedAttributes": {"SPAM": {}}},
        {"comment": {"text": HAM}, "requestedAttributes": {"SPAM": {"scoreType": "STD_DEV"}}},
        {"comment": {"text": HAM}, "requestedAttributes": {"SPAM": {}}, "surprise": 1},
        [],
        "text",
    ],
)
def test_json_that_is_no_request_is_refused_and_not_repeated(
    api: Api, perspective: PerspectiveClient, body: Any
) -> None:
    answer = api.client.post(
        "/v1alpha1/comments:analyze", params={"key": perspective.key}, json=body
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"
    assert HAM not in answer.text


def test_half_a_character_is_refused_and_never_an_exception(
    api: Api, perspective: PerspectiveClient
) -> None:
    raw = b'{"comment":{"text":"\\ud800 free"},"requestedAttributes":{"SPAM":{}}}'
    answer = api.client.post(
        "/v1alpha1/comments:analyze",
        params={"key": perspective.key},
        content=raw,
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 400


def test_attributes_nobody_scores_are_dropped_when_the_client_says_so(
    perspective: PerspectiveClient,
) -> None:
    found = perspective.analyze(HAM, "SPAM", "FLIRTATION", dropUnsupportedAttributes=True)
    assert set(found["attributeScores"]) == {"SPAM"}


@pytest.mark.parametrize("where", ["x-goog-api-key", "authorization"])
def test_the_key_may_come_in_a_header(api: Api, perspective: PerspectiveClient, where: str) -> None:
    key = perspective.key or ""
    headers = {where: key} if where.startswith("x-") else bearer(key)
    body = {"comment": {"text": HAM}, "requestedAttributes": {"SPAM": {}}}
    answer = api.client.post("/v1alpha1/comments:analyze", json=body, headers=headers)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["cache-control"]
    assert "ratelimit" in answer.headers
