"""Which language words in Latin letters are of, by the commonest words of each: a quick guess."""
# ruff: noqa: RUF001 - words of many languages

from collections.abc import Collection, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

# Of every language the little words that nearly no sentence does without, as they are typed, with
# accents and without.
_COMMONEST: Final[Mapping[str, str]] = MappingProxyType(
    {
        "en": """
        the and is are was were you your this that it of for with have has had not but what who how
        they them their she his him my im its dont cant just like will would can could been be from
        about there when if because than then i we our to at by get got know think me my no so do
        did does a an as am or on in he she us up out off on one two all any more most some very
        too now here why where which go going gonna wanna see say said make man men love hate good
        bad bitch shit fuck ass hoe lol u ur ya yall ain't aint he's she's it's that's i'm you're
        yes no oh please thanks rt via old new day time people back down over only even still
        never always every much many thing really right let us sure come look want need per son
        sad mad pm""",
        "de": """
        der die das und ist nicht ich du sie wir ihr ein eine einen einem einer zu mit auf für von
        den dem des sich auch wie aber wenn oder nur noch schon mal sind haben hat war wird kein
        keine doch immer bei aus nach über dann wieder diese dieser fuer ueber mich dich""",
        "id": """
        yang dan di ini itu tidak ga gak nggak aku saya kamu kita dia mereka ada untuk dengan dari
        bisa sudah udah juga kalau kalo aja saja banget sama lagi jadi mau akan karena apa nya kok
        sih deh dong tapi buat orang""",
        "pt": """
        não nao você voce vc vcs que um uma os as com por isso isto ele ela eles mas muito muita
        pra você tá ta tô foi são tem essa esse está meu minha mais nem só quem já eu seu sua pelo
        pela aqui agora porque quando fazer gente aí ai cara ser tudo todo eh ao dos das nos""",
        "es": """
        que no el los las una es por con para como pero más mas muy esto eso este esta yo tú ella
        ellos está son hay mi tu su qué cuando porque también todo nada ya le lo te me del al si
        eres soy ser tiene hacer aquí ahora donde usted""",
        "fr": """
        le les des une est pas que qui dans pour sur avec vous nous je tu il elle ils mais ou où ce
        cette ces mon ton son plus très tres c'est j'ai qu'il d'un au aux du sont être etre fait
        faire comme tout bien moi toi lui leur ça ca""",
        "it": """
        il che di non un una per con sono è gli della dei del nel come ma anche più piu questo
        questa mi ti ci si lo io tu lui lei noi voi loro ho hai ha abbiamo perché perche quando
        dove chi cosa tutto niente molto già solo sei""",
        "nl": """
        de het een en van niet dat ik je jij zijn voor met op maar ook nog wel naar bij heeft hebben
        wat dit deze die er om te als aan uit geen kan moet mijn jouw hoe waar gaat""",
        "pl": """
        nie się sie jest na to że ze jak co tak ale czy tylko już juz mnie ty ja jego jej oni był
        była dla przez bardzo może moze mam masz jestem będzie kiedy gdzie wszystko tego tym""",
        "tr": """
        bir bu ve için icin çok cok ne değil degil ben sen biz siz onlar var yok gibi daha kadar ama
        mi mı mu mü de da ile olan olarak şey sey nasıl neden ki hiç bana sana benim senin""",
        "vi": """
        là của cua không khong và có cho người nguoi một mot này nay được duoc tôi toi bạn với voi
        các những nhung thì như nhu mà ở trong anh em cũng đã sẽ rất""",
        "sv": """
        och att det är inte jag du en ett på som för med av den till han hon vi ni de om men så
        har var kan ska från bara när här där också mycket""",
    }
)
# One word that two languages happen to share must not decide.
_LEAST: Final = 2


@cache
def _words_by_side(known: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The commonest words of known languages, and those of the others alone."""
    ours = {w for tongue, words in _COMMONEST.items() if tongue in known for w in words.split()}
    theirs = {word for words in _COMMONEST.values() for word in words.split()}
    return frozenset(ours), frozenset(theirs - ours)


def is_in_other_tongue(words: Collection[str], known: frozenset[str]) -> bool:
    """Whether words in Latin letters are rather of a language that is not among the known ones.

    A text that says too little to know counts as known, and so does a language not listed here.
    """
    ours, theirs = _words_by_side(known)
    others = sum(map(theirs.__contains__, words))
    return others >= _LEAST and others > sum(map(ours.__contains__, words))
