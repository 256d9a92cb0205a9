"""What the demo's people care about, written for this project."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """One hobby of the demo's platform: what people admire, ask and tell about it."""

    details: tuple[str, ...]
    questions: tuple[str, ...]
    stories: tuple[str, ...]


TOPICS = (
    Topic(
        (
            "the light on the water",
            "the fog between the roofs",
            "how you framed the bridge",
            "the grain in the dark parts",
            "the reflection in the window",
            "that low winter sun",
        ),
        (
            "Which lens was that",
            "Did you use a tripod for the last one",
            "What time of day did you shoot this",
            "How do you meter when it snows",
        ),
        (
            "I tried the same spot on Sunday and came home with wet feet",
            "my old film body still beats my phone for this",
            "I waited an hour for the rain to stop and missed it",
        ),
    ),
    Topic(
        (
            "the crust on that loaf",
            "the crumb after only one rise",
            "the scoring on the round one",
            "how dark you dared to bake it",
            "the rye version",
            "the seeds on top",
        ),
        (
            "How long do you let it rest",
            "What hydration is this",
            "Does it work with spelt",
            "Do you bake on steel or stone",
        ),
        (
            "my starter took a week to wake up after the holidays",
            "I forgot the salt once and never again",
            "our kitchen is so cold that mine needs the whole night",
        ),
    ),
    Topic(
        (
            "the route along the canal",
            "the way you taped the bars",
            "that descent into the valley",
            "the rack you welded yourself",
            "the view from the pass",
            "how light you packed",
        ),
        (
            "How steep is the middle part",
            "Which tyres did you run on the gravel",
            "Is there water on the way",
            "How many days did you need",
        ),
        (
            "I rode it last May and walked half of it",
            "a chain tool saved my weekend there",
            "we had headwind in both directions, as always",
        ),
    ),
    Topic(
        (
            "the tomatoes along the wall",
            "how you trained the pear tree",
            "the bed with the wild flowers",
            "the compost corner",
            "the beans up the old ladder",
            "that shade of dahlia",
        ),
        (
            "When do you sow the broad beans",
            "How do you keep the slugs away",
            "Do you cover it in winter",
            "Is that a dwarf variety",
        ),
        (
            "the snails left me exactly one lettuce",
            "my neighbour gave me cuttings and now I have a jungle",
            "we finally saved our own seeds this year",
        ),
    ),
    Topic(
        (
            "the quiet move with the rook",
            "the endgame from round three",
            "how you held the draw",
            "the pawn break on move twenty",
            "the notes under each diagram",
            "the trap in the second line",
        ),
        (
            "Why not castle first",
            "What did you play after the check",
            "Which book is that position from",
            "How long did you think there",
        ),
        (
            "I lost that exact position twice on Thursday",
            "our club meets in the library and nobody can keep quiet",
            "my daughter found the winning line before I did",
        ),
    ),
    Topic(
        (
            "the bass line in the second part",
            "the tone of that old amp",
            "how you muted the open string",
            "the tempo change at the end",
            "the room sound on the drums",
            "the harmony in the refrain",
        ),
        (
            "What tuning are you in",
            "Which microphone did you use",
            "Is the sheet music somewhere",
            "Did you record it in one take",
        ),
        (
            "I practised it all week and my cat left the room",
            "we played it at my sister's wedding",
            "my fingers still hurt from the first bar",
        ),
    ),
    Topic(
        (
            "the kingfisher on the left",
            "the nest under the gutter",
            "how close the heron let you come",
            "the goldfinches on the thistle",
            "your list for the month",
            "the tracks along the stream",
        ),
        (
            "Where is that hide",
            "Which glasses do you carry",
            "Was that a juvenile",
            "Do they winter with you",
        ),
        (
            "the wrens are back behind our shed since Monday",
            "I counted eleven before my coffee was cold",
            "a jay stole the whole feeder last spring",
        ),
    ),
    Topic(
        (
            "the joint at the back leg",
            "the oil finish",
            "how you fixed the hinge",
            "the drawer that closes by itself",
            "the plane you restored",
            "the little wedge under the shelf",
        ),
        (
            "How long did the glue need",
            "Is that ash or oak",
            "Which grit did you stop at",
            "Would it hold books",
        ),
        (
            "I cut mine two centimetres short, naturally",
            "my grandfather had that very vice",
            "the radio works again after I cleaned one contact",
        ),
    ),
)
