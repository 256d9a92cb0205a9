"""What ordinary people write in the demo: word banks and patterns made for this project."""

from random import Random

from safety.demo.dice import chance
from safety.demo.hobbies import TOPICS, Topic

_EMOJI = ("🙂", "😍", "👏", "🙌", "🌿", "🚲", "☕", "🎶", "😂", "🔥")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_NAMES = _words(
    "mia ben ana leo noor tom ida raj eva sam lin kofi zoe max uma jan pia ole rosa theo nils "
    "hana ravi elif joao mara finn aiko luca vera inka omar greta pavel suki dario wen lotte "
    "amir petra"
)
_SURNAMES = _words(
    "berg lund costa weiss novak santos meyer okafor silva dubois kaya haas moreau tanaka "
    "ortiz vance field marsh stone hill brook west reed park lake dale ford"
)


_PRAISE = (
    "Lovely work,",
    "I keep coming back to",
    "Really like",
    "So good:",
    "Wow,",
    "What a find,",
    "Quietly brilliant,",
    "Best thing I saw today:",
    "You always get this right,",
    "Honestly jealous of",
    "Can't stop looking at",
    "This made my morning,",
)
_AFTERTHOUGHTS = (
    "",
    "",
    "Thanks for sharing.",
    "Saving this for the weekend.",
    "Greetings from the north!",
    "More of this please.",
    "Showing it to my brother.",
    "Hope you post the next part.",
    "No idea how you do it.",
    "That's all, carry on.",
    "See you at the meet-up.",
)
_SHORT = (
    "love it",
    "haha yes",
    "same here!",
    "so true",
    "good luck",
    "oh nice",
    "first try?",
    "thank you!",
    "congrats",
    "me too",
)
_ELSEWHERE = (
    ("Sehr schön geworden,", ("mir gefällt es", "so ruhig", "wie früher bei Oma", "bitte mehr")),
    ("Qué bonito,", ("me encanta el color", "saludos desde la costa", "yo quiero probarlo")),
    ("Très joli,", ("la lumière est superbe", "merci pour le partage", "quelle patience")),
    ("Que lindo,", ("parabéns pelo trabalho", "adorei o final", "um dia eu consigo")),
    ("Keren sekali,", ("warnanya pas", "saya mau coba juga", "salam dari Bandung")),
)
_PLANS = (
    "are you coming on {day}",
    "can you bring the {thing} on {day}",
    "did you get home all right after {day}",
    "I left my {thing} at your place, could I fetch it on {day}",
    "we moved it to {day}, same place",
    "thanks for the help with the {thing}, I owe you a coffee on {day}",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_OBJECTS = _words(
    "ladder tripod cable umbrella recipe board tent pump saw kettle camera lamp book drill "
    "map scarf charger guitar"
)


def handle(rng: Random) -> str:
    """A name as ordinary people choose it."""
    ending = rng.choice(("", "", "", str(rng.randrange(70, 100)), "_", "x"))
    return f"{rng.choice(_NAMES)}{rng.choice(('_', '.', ''))}{rng.choice(_SURNAMES)}{ending}"


def comment(rng: Random) -> str:
    """Something friendly under somebody's post; a few have an emoji or a harmless link."""
    if chance(rng, 0.12):
        return rng.choice(_SHORT) + _mood(rng)
    if chance(rng, 0.1):
        praise, endings = rng.choice(_ELSEWHERE)
        return f"{praise} {', '.join(rng.sample(endings, 2))}, {_name(rng)}{_mood(rng)}"
    topic = rng.choice(TOPICS)
    sentences = [_remark(rng, topic), _remark(rng, topic), rng.choice(_AFTERTHOUGHTS)]
    if chance(rng, 0.5):
        sentences.insert(0, f"Hey {_name(rng)}!")
    if chance(rng, 0.03):
        sentences.append(f"I wrote it up at https://{rng.choice(_NAMES)}.example/notes")
    return " ".join(filter(None, sentences)) + _mood(rng)


def post(rng: Random) -> str:
    """A short piece of somebody's own."""
    topic = rng.choice(TOPICS)
    story, question = rng.choice(topic.stories), rng.choice(topic.questions)
    shown = f"{rng.choice(_DAYS)} with {_name(rng)}: {rng.choice(topic.details)}"
    tag = rng.choice(("", "", f" #{rng.choice(_OBJECTS)}"))
    return f"{_opened(story)}. {shown}. {question}?{tag}"


def message(rng: Random) -> str:
    """A line from one person to another."""
    plan = rng.choice(_PLANS).format(day=rng.choice(_DAYS), thing=rng.choice(_OBJECTS))
    return f"Hi {_name(rng)}, {plan}?{_mood(rng)}"


def bio(rng: Random) -> str:
    """What somebody says of themselves."""
    return f"{rng.choice(_OBJECTS)}s, {rng.choice(_OBJECTS)}s and {rng.choice(_DAYS)} mornings"


def _remark(rng: Random, topic: Topic) -> str:
    kind = rng.randrange(3)
    if kind == 0:
        return f"{rng.choice(_PRAISE)} {rng.choice(topic.details)}."
    if kind == 1:
        return f"{rng.choice(topic.questions)}?"
    return f"{_opened(rng.choice(topic.stories))}."


def _opened(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def _name(rng: Random) -> str:
    return rng.choice(_NAMES).title()


def _mood(rng: Random) -> str:
    return f" {rng.choice(_EMOJI)}" if chance(rng, 0.15) else ""
