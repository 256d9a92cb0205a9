"""What the demo's spammers write: templated offers with links, and the disguises they wear."""

from dataclasses import dataclass
from random import Random

# Reserved names (RFC 2606): the demo advertises nobody.
_SHOPS = (
    "quick-profit.example",
    "fast-followers.example",
    "lucky-reels.example",
    "cheap-watches.example",
    "crypto-doubler.example",
    "free-giftcards.example",
    "slim-in-days.example",
    "hot-singles-now.example",
)
_KNOWN_AS_BAD = "phishing.example"  # on the shipped deny list, as an example
_OFFERS = (
    "EARN ${amount} EVERY DAY from home, no skills needed!!! Join now {link}",
    "Get {amount} real followers for free today, limited offer, click here {link}",
    "I won ${amount} last night on this casino, sign up bonus waiting for you {link}",
    "Double your bitcoin in 24 hours guaranteed, already paid ${amount}, visit {link}",
    "FREE gift card worth ${amount}, only today, claim your prize now {link}",
    "Luxury watches {amount} off, cheap price, free shipping, buy now {link}",
    "Check out my channel and subscribe, giving away ${amount} to my first fans {link}",
    "Lonely tonight? {amount} hot singles near you want to chat, sign up free {link}",
)
_LOOKALIKES = str.maketrans(
    {
        "a": "\u0430",
        "e": "\u0435",
        "o": "\u043e",
        "i": "\u0456",
        "c": "\u0441",
        "p": "\u0440",
        "x": "\u0445",
    }
)
_LEET = str.maketrans({"a": "4", "e": "3", "o": "0", "i": "1", "s": "5", "t": "7"})
_ZERO_WIDTH = "\u200b"
_FANCY_LOWER, _FANCY_UPPER = 0x1D41A, 0x1D400  # mathematical bold, a favourite of gambling spam


@dataclass(frozen=True, slots=True)
class Campaign:
    """One offer that many accounts repeat: the same text but for numbers and link paths."""

    offer: str
    shop: str

    def text(self, rng: Random) -> str:
        """One plain copy."""
        return self.offer.format(amount=rng.randrange(2, 99) * 50, link=self._link(rng))

    def disguised(self, rng: Random) -> str:
        """One copy, written so that a plain word filter misses it. The link stays usable."""
        disguise = rng.choice((_lookalikes, _leet, _zero_width, _spaced, _fancy))
        words = self.offer.format(amount=rng.randrange(2, 99) * 50, link="").strip()
        return f"{disguise(words)} {self._link(rng)}"

    def _link(self, rng: Random) -> str:
        return f"https://{self.shop}/{rng.randrange(16**5):05x}"


def campaigns(rng: Random) -> list[Campaign]:
    """The offers of one wave: three for shops that nobody knows, one for a site known as bad."""
    shops = [*rng.sample(_SHOPS, 3), _KNOWN_AS_BAD]
    return [
        Campaign(offer, shop) for offer, shop in zip(rng.sample(_OFFERS, 4), shops, strict=True)
    ]


def _lookalikes(text: str) -> str:
    return text.translate(_LOOKALIKES)


def _leet(text: str) -> str:
    return text.translate(_LEET)


def _zero_width(text: str) -> str:
    return " ".join(_ZERO_WIDTH.join(word) for word in text.split())


def _spaced(text: str) -> str:
    longest = max(filter(str.isalpha, text.split()), key=len)
    return text.replace(longest, f" {' '.join(longest)} ", 1)


def _fancy(text: str) -> str:
    return "".join(map(_bold, text))


def _bold(letter: str) -> str:
    if "a" <= letter <= "z":
        return chr(_FANCY_LOWER + ord(letter) - ord("a"))
    if "A" <= letter <= "Z":
        return chr(_FANCY_UPPER + ord(letter) - ord("A"))
    return letter
