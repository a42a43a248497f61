"""What a plot should lie near."""

from bot.records.phrases import Spotted, asking_words, grammar, phrases_of
from bot.records.sentence import REACH, Sentence


def read_near(sentence: Sentence) -> None:
    """Read what the plot should lie near."""
    if sentence.spot(phrases_of("lake_plots")):
        sentence.found["near"] = "lake"
    cues = phrases_of("near_cues").spot(sentence.text)
    for cue in cues:
        reach = sentence.text[cue.end : cue.end + REACH]
        kinds = [one for one in phrases_of("near").spot(reach) if not _is_tap_water(sentence, cue.end, one)]
        if kinds and "near" not in sentence.found:
            sentence.found["near"] = kinds[0].value
            sentence.take(cue.start, cue.end + kinds[0].end)
    for cue in cues if "near" not in sentence.found else ():
        start = max(cue.start - REACH, 0)
        kinds = phrases_of("near").spot(sentence.text[start : cue.start])
        if kinds:  # the school must be near
            sentence.found["near"] = kinds[-1].value
            sentence.take(start + kinds[-1].start, cue.end)
            break
    if "near" not in sentence.found and sentence.spot(phrases_of("lake_alone")):
        sentence.found["near"] = "lake"
    if phrases_of("nearest").spot(sentence.text):
        sentence.found["sort"] = "distance"


def near_others(sentence: Sentence) -> list[str]:
    """Return what the plot should lie near of which nobody keeps positions; ask when all else is read."""
    plainly = set(grammar()["plainly_near"])
    cues = [cue for cue in phrases_of("near_cues").spot(sentence.text) if sentence.text[cue.start].folded in plainly]
    free = [cue for cue in cues if sentence.taken.isdisjoint(range(cue.start, cue.end))]
    return [
        sentence.written(cue.start, place + 1) for cue in free if (place := _telling(sentence, cue.end)) is not None
    ]


def _telling(sentence: Sentence, start: int) -> int | None:
    """Return the place of the first word from `start` on that says what is meant; None where it is explained."""
    reach = range(start, min(start + REACH - 1, len(sentence.text)))
    asking = asking_words()
    first = next((place for place in reach if sentence.text[place].folded not in asking), None)
    return None if first in sentence.taken else first


def _is_tap_water(sentence: Sentence, start: int, near: Spotted) -> bool:
    """Whether the water that is spotted from `start` on comes out of a tap."""
    if near.value != "lake":
        return False
    place = start + near.start
    following = [token.folded for token in sentence.text[place + 1 : place + 3]]
    municipal = sentence.before(place, 1) in (["kommunalt"], ["municipal"])
    return municipal or any(word == "avlopp" or word.startswith("sew") for word in following)
